from __future__ import annotations

import hashlib
import tarfile
from pathlib import Path

import pytest

from agent.errors import InputRefused
from packer.ova.pack import MEMBER_LIMIT, pack, write_checksum, write_manifest
from packer.ova.profile import Digest


def files(folder: Path) -> list[Path]:
    made = [folder / name for name in ("a.ovf", "a.mf", "a-disk1.vmdk")]
    for number, file in enumerate(made):
        file.write_bytes(bytes([number]) * (700 * number + 1))
    return made


def test_members_are_plain_and_of_one_moment(tmp_path: Path) -> None:
    target = tmp_path / "a.ova"
    pack(target, files(tmp_path), stamp_s=1_700_000_000)
    data = target.read_bytes()
    with tarfile.open(target) as archive:
        entries = archive.getmembers()
    assert [entry.name for entry in entries] == ["a.ovf", "a.mf", "a-disk1.vmdk"]
    assert {(one.uid, one.gid, one.uname, one.mode, one.mtime) for one in entries} == {
        (0, 0, "", 0o644, 1_700_000_000)
    }
    for entry in entries:
        assert data[entry.offset + 257 : entry.offset + 265] == b"ustar\x0000"
        assert entry.offset_data - entry.offset == 512


def test_equal_files_give_equal_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        folder = tmp_path / name
        folder.mkdir()
        pack(folder / "a.ova", files(folder), stamp_s=5)
    assert (tmp_path / "one/a.ova").read_bytes() == (tmp_path / "two/a.ova").read_bytes()


@pytest.mark.parametrize("digest", list(Digest))
def test_the_manifest_has_the_spelling_that_clients_read(tmp_path: Path, digest: Digest) -> None:
    ovf, manifest, disk = files(tmp_path)
    write_manifest(manifest, (ovf, disk), digest=digest)
    true = [hashlib.new(digest.lower(), one.read_bytes()).hexdigest() for one in (ovf, disk)]
    assert manifest.read_bytes() == (
        f"{digest}(a.ovf)= {true[0]}\n{digest}(a-disk1.vmdk)= {true[1]}\n".encode()
    )


def test_the_checksum_is_what_sha256sum_checks(tmp_path: Path) -> None:
    ova = tmp_path / "a.ova"
    ova.write_bytes(b"abc")
    write_checksum(tmp_path / "a.ova.sha256", ova)
    said = (tmp_path / "a.ova.sha256").read_text()
    assert said == f"{hashlib.sha256(b'abc').hexdigest()}  a.ova\n"


def test_a_member_that_ustar_cannot_hold_is_refused(tmp_path: Path) -> None:
    disk = tmp_path / "a-disk1.vmdk"
    with disk.open("wb") as stream:
        stream.truncate(MEMBER_LIMIT)
    with pytest.raises(InputRefused, match="8589934592 bytes, and a member of an OVA may have"):
        pack(tmp_path / "a.ova", [disk], stamp_s=0)
    assert not (tmp_path / "a.ova").exists()


@pytest.mark.parametrize("name", ["ä.ovf", "a" * 97 + ".ovf"])
def test_a_name_that_needs_an_extension_header_is_refused(tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    file.write_bytes(b"x")
    with pytest.raises(InputRefused, match="cannot be the name of a member"):
        pack(tmp_path / "a.ova", [file], stamp_s=0)
