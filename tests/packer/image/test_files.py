"""The files of the image, packed as they lie here."""

from __future__ import annotations

import tarfile
from pathlib import Path

import pytest

from packer.image.files import FOLDER, pack


@pytest.fixture
def packed(tmp_path: Path) -> tarfile.TarFile:
    excludes = tmp_path / "excludes"
    _ = excludes.write_text("path-exclude=/usr/share/doc/*\n")
    pack(tmp_path / "files.tar", excludes=excludes)
    return tarfile.open(tmp_path / "files.tar")


def test_all_of_them_are_roots_and_what_is_a_program_stays_one(packed: tarfile.TarFile) -> None:
    with packed:
        modes = {member.name: member.mode for member in packed}
        assert {member.uid for member in packed} == {0}
    assert modes["./etc/grub.d/11_bandstand_recovery"] == 0o755
    assert modes["./etc/nftables.conf"] == 0o644
    laid = {f"./{path.relative_to(FOLDER)}" for path in FOLDER.rglob("*") if path.is_file()}
    assert laid <= set(modes)
