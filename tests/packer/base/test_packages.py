"""The list of packages is data: each once, each with its reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.errors import UsageError
from packer.base.packages import wanted
from packer.deb.build import depends


def test_the_list_holds_what_the_image_cannot_do_without() -> None:
    assert {"linux-image-amd64", "grub-pc-bin", "cloud-init", "open-vm-tools"} <= set(wanted())


def test_all_that_our_package_depends_on_is_in_the_base() -> None:
    # Otherwise installing it would fetch packages inside the emulated machine.
    names = {name.split()[0] for name in depends()} - {"systemd"}
    assert names <= set(wanted())


@pytest.mark.parametrize(
    ("text", "words"),
    [('[boot]\nudev = " "\n', "has no reason"), ('[a]\nx = "r"\n[b]\nx = "r"\n', "is there twice")],
)
def test_a_bad_list_is_refused(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "packages.toml"
    _ = path.write_text(text)
    with pytest.raises(UsageError, match=words):
        _ = wanted(path)
