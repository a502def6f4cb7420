"""Media of each file system, made by their own programs and mounted by the real kernel."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from agent.system.run import run

pytestmark = pytest.mark.node

ROOT = Path(__file__).parents[3]
_POINT, _LINK, _DRIVE = "/run/bandstand/disc", "/dev/disk/by-label/BANDSTAND", "/dev/sr0"
# In a mount namespace of its own; the paths of the node lie below a folder.
_READER = """
import json, sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from agent.properties.read import read
from agent.system.files import Files
from agent.system.host import Host
from agent.system.run import run

files = Files(Path(sys.argv[2]))
options = []

def below(*argv, **more):
    if argv[0] not in ("mount", "umount"):
        return run("false", **more)
    done = run(*(str(files.path(one)) if one.startswith("/") else one for one in argv), **more)
    if argv[0] == "mount" and done.ok:
        mounts = Path("/proc/self/mounts").read_text().splitlines()
        options.extend(line.split()[3] for line in mounts if "/run/bandstand/disc" in line)
    return done

answers = read(Host(files, below))
left = "/run/bandstand/disc" in Path("/proc/self/mounts").read_text()
print(json.dumps([dict(answers.raw), answers.source, answers.tried, options, left]))
"""
_ANSWERS = b"node.name: from-medium\n"


def _make(kind: str, folder: Path, image: Path) -> None:
    """An image of the folder, labelled."""
    if kind == "iso9660":
        make = ("xorriso", "-as", "mkisofs", "-quiet", "-r", "-V", "BANDSTAND")
        _ = run(*make, "-o", str(image), str(folder))
        return
    with image.open("wb") as stream:
        _ = stream.truncate(4 << 20)
    if kind == "ext4":
        _ = run("mke2fs", "-q", "-t", "ext4", "-L", "BANDSTAND", "-d", str(folder), str(image))
        # As a machine left it that lost its power.
        _ = run("debugfs", "-w", "-R", "feature needs_recovery", str(image))
        return
    _ = run("mkfs.vfat", "-n", "BANDSTAND", str(image))
    names = [str(path) for path in folder.iterdir() if not path.is_symlink()]
    _ = run("mcopy", "-i", str(image), *names, "::")


def _read(tmp_path: Path, kind: str, device: str, folder: Path) -> tuple[Any, ...]:
    if f"\t{kind}\n" not in Path("/proc/filesystems").read_text():
        pytest.skip(f"this kernel cannot mount {kind}: it is not in /proc/filesystems")
    image = tmp_path / "node" / device.lstrip("/")
    image.parent.mkdir(parents=True)
    _make(kind, folder, image)
    before = image.read_bytes()
    program = (sys.executable, "-I", "-c", _READER, str(ROOT), str(tmp_path / "node"))
    done = run("unshare", "--mount", "--propagation", "private", *program)
    assert image.read_bytes() == before
    return tuple(json.loads(done.stdout))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "folder"
    made.mkdir()
    _ = (made / "answers.yaml").write_bytes(_ANSWERS)
    return made


@pytest.mark.parametrize("kind", ["iso9660", "vfat", "ext4"])
def test_answers_on_a_disk(tmp_path: Path, folder: Path, kind: str) -> None:
    raw, source, _, options, left = _read(tmp_path, kind, _LINK, folder)
    assert raw == {"node.name": "from-medium"}
    assert source == "medium BANDSTAND: answers.yaml"
    assert not left
    for mounted in options:
        assert {"ro", "nosuid", "nodev", "noexec"} <= set(mounted.split(","))


def test_answers_on_a_disc_are_known_by_its_label(tmp_path: Path, folder: Path) -> None:
    raw, source, *_ = _read(tmp_path, "iso9660", _DRIVE, folder)
    assert raw == {"node.name": "from-medium"}
    assert source == "disc in /dev/sr0: answers.yaml"


@pytest.mark.parametrize(("kind", "device"), [("ext4", _LINK), ("iso9660", _DRIVE)])
def test_a_link_is_not_followed(tmp_path: Path, folder: Path, kind: str, device: str) -> None:
    (folder / "answers.yaml").unlink()
    (folder / "answers.yaml").symlink_to("/etc/passwd")
    raw, source, tried, _, left = _read(tmp_path, kind, device, folder)
    assert (raw, source, left) == ({}, "", False)
    assert any("Too many levels of symbolic links" in said for said in tried)
