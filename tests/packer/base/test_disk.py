"""A base disk made offline from a small tree, read back by other tools."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from agent.system.run import run
from packer.base.disk import make_disk
from packer.base.layout import Identity, Layout
from packer.image.finish import make_anew, partitions, root_partition, root_uuid
from packer.image.inspect import Disk

pytestmark = [
    pytest.mark.outside,
    pytest.mark.skipif(shutil.which("mke2fs", path="/usr/sbin:/sbin") is None, reason="no mke2fs"),
]


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    tree = tmp_path_factory.mktemp("tree")
    for name in ("etc", "boot"):
        (tree / name).mkdir()
    _ = (tree / "etc/hostname").write_text("bandstand\n")
    (tree / "etc/machine-id").touch()
    (tree / "etc/masked").symlink_to("/dev/null")
    return tree


@pytest.fixture(scope="module")
def disk(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("disk")
    disk = folder / "disk.raw"
    make_disk(tree, disk, Identity.of("test"), log=folder / "log")
    return disk


def test_the_table_holds_three_partitions(disk: Path) -> None:
    layout = Layout()
    found = [(part.offset, part.size) for part in partitions(disk)]
    assert found[1:] == [
        (layout.esp_offset, layout.esp_mib * 1024**2),
        (layout.root_offset, layout.root_size),
    ]
    assert root_uuid(disk) == Identity.of("test").root


def test_its_file_system_holds_the_tree(disk: Path) -> None:
    reader = Disk(disk)
    assert reader.lines("/etc/hostname") == ("bandstand",)
    assert reader.kind("/etc/nothing") == ""
    assert reader.kind("/etc") == "directory"
    assert reader.size("/etc/machine-id") == 0
    assert reader.link("/etc/masked") == "/dev/null"
    assert set(reader.names("/etc")) == {"hostname", "machine-id", "masked"}


def test_a_file_is_copied_out_of_it(disk: Path, tmp_path: Path) -> None:
    Disk(disk).copy_out("/etc/hostname", tmp_path / "copy")
    assert (tmp_path / "copy").read_text() == "bandstand\n"


def test_made_anew_it_keeps_its_name_and_forgets_what_was_deleted(
    disk: Path, tmp_path: Path
) -> None:
    other = tmp_path / "tree"
    (other / "etc").mkdir(parents=True)
    finished = tmp_path / "finished.raw"
    make_anew(disk, other, finished, disk_gb=8, log=tmp_path / "log")
    assert finished.stat().st_size == 8 * 1024**3
    assert root_uuid(finished) == root_uuid(disk)
    assert root_partition(finished) == root_partition(disk)
    assert set(Disk(finished).names("/")) == {"etc", "lost+found"}
    assert b"bandstand\n" not in _root_begin(finished)
    assert run("/usr/sbin/sfdisk", "--verify", str(finished), check=False).ok


def _root_begin(disk: Path) -> bytes:
    with disk.open("rb") as stream:
        _ = stream.seek(root_partition(disk).offset)
        return stream.read(64 * 1024**2)
