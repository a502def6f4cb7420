"""Our package: everything in its place, equal sources give equal bytes."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from agent.system.run import run
from packer.deb.build import depends, make_deb
from packer.place import ROOT, read_toml

pytestmark = [
    pytest.mark.outside,
    pytest.mark.skipif(shutil.which("dpkg-deb") is None, reason="dpkg-deb is not installed"),
]


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("deb")
    return make_deb(folder, "1.2.3", log=folder / "log")


def _listed(package: Path) -> dict[str, str]:
    """Name -> mode and owner of everything in the package."""
    rows = run("dpkg-deb", "-c", str(package)).stdout.splitlines()
    return {row.split()[5].lstrip("."): " ".join(row.split()[:2]) for row in rows}


def test_code_templates_units_and_command_lie_where_the_interfaces_say(package: Path) -> None:
    listed = _listed(package)
    for name in (
        "/usr/bin/bandstand",
        "/usr/lib/bandstand/agent/change.py",
        "/usr/lib/bandstand/firstboot/__main__.py",
        "/usr/lib/systemd/system/bandstand-firstboot.service",
        "/usr/lib/sysusers.d/bandstand.conf",
        "/usr/share/doc/bandstand/copyright",
    ):
        assert name in listed
    assert any(name.startswith("/usr/share/bandstand/templates/nginx/") for name in listed)


def test_everything_is_roots_and_nothing_is_byte_code(package: Path) -> None:
    listed = _listed(package)
    assert {words.split()[1] for words in listed.values()} == {"root/root"}
    assert not [name for name in listed if name.endswith(".pyc")]
    assert listed["/usr/lib/bandstand/bin/firstboot"].startswith("-rwxr-xr-x")


def test_what_it_depends_on_is_said(package: Path) -> None:
    said = run("dpkg-deb", "-f", str(package), "Version", "Depends").stdout
    assert "Version: 1.2.3" in said
    assert ", ".join(depends()) in said


def test_every_launcher_names_a_module_that_is_there() -> None:
    for name, module in read_toml(ROOT / "packer/deb/package.toml")["programs"].items():
        source = (ROOT / module.replace(".", "/")).with_suffix(".py")
        assert source.is_file(), name
        assert "def main(" in source.read_text(), name


def test_every_unit_that_is_enabled_is_in_the_package(package: Path) -> None:
    script = (ROOT / "packer/deb/postinst").read_text()
    named = {word for word in script.split() if word.endswith((".service", ".socket", ".timer"))}
    listed = _listed(package)
    assert named
    for unit in named:
        assert f"/usr/lib/systemd/system/{unit}" in listed


def test_equal_sources_give_equal_bytes(package: Path, tmp_path: Path) -> None:
    again = make_deb(tmp_path, "1.2.3", log=tmp_path / "log")
    assert again.read_bytes() == package.read_bytes()
