"""The finished disk: its root file system made anew from the cleaned tree, so nothing stays."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

from agent.errors import CommandFailed
from agent.system.run import run
from packer.base.filesystem import make_ext4
from packer.base.layout import EFI_TYPE, ROOT_TYPE, SECTOR
from packer.place import read_toml
from packer.steps import remove_tree
from packer.tool import find, logged, privileged

_LEFTOVERS = Path(__file__).with_name("leftovers.toml")


@dataclass(frozen=True)
class Partition:
    """A place on a disk, in bytes."""

    offset: int
    size: int
    kind: str
    path: str = ""


def partitions(disk: Path) -> tuple[Partition, ...]:
    """What the partition table of `disk` says."""
    said = run(find("sfdisk", package="fdisk"), "--json", str(disk)).stdout
    return tuple(
        Partition(row["start"] * SECTOR, row["size"] * SECTOR, str(row["type"]).upper())
        for row in json.loads(said)["partitiontable"]["partitions"]
    )


def root_partition(disk: Path) -> Partition:
    """The root file system's place: by its type, else the largest that is no boot partition."""
    found = partitions(disk)
    for partition in found:
        if partition.kind == ROOT_TYPE:
            return partition
    return max((part for part in found if part.kind != EFI_TYPE), key=lambda part: part.size)


def root_uuid(disk: Path) -> str:
    """The identifier of the root file system, which the boot loader looks for."""
    offset = root_partition(disk).offset
    program = find("blkid", package="util-linux")
    said = run(program, "-p", "-O", str(offset), "-o", "value", "-s", "UUID", str(disk)).stdout
    return said.strip()


def extract(disk: Path, tree: Path) -> None:
    """Copy the root file system of `disk` to `tree` with owners, modes, times, links."""
    root = root_partition(disk)
    mount = tree.with_name(f".{tree.name}.mount")
    remove_tree(mount)
    mount.mkdir(parents=True)
    options = f"ro,noload,loop,offset={root.offset},sizelimit={root.size}"
    _ = run(*privileged("mount", "-t", "ext4", "-o", options, str(disk), str(mount)))
    try:
        tree.mkdir(parents=True)
        _ = run(*privileged("cp", "-a", f"{mount}/.", str(tree)), timeout_s=600)
    finally:
        _ = run(*privileged("umount", str(mount)))
        mount.rmdir()


def take_out_leftovers(tree: Path) -> None:
    """What the power-off wrote after the clean-up inside the machine."""
    patterns = [str(pattern) for pattern in read_toml(_LEFTOVERS)["gone"]]
    script = 'cd "$1"; shift; for p; do rm -rf -- .$p; done; rmdir lost+found 2>/dev/null || :'
    _ = run(*privileged("sh", "-euc", script, "sh", str(tree), *patterns), timeout_s=120)
    stamp = 'touch "$1/etc/.updated" "$1/var/.updated"'
    _ = run(*privileged("sh", "-euc", stamp, "sh", str(tree)))


def put_in(package: Path, tree: Path) -> None:
    """Install our package into a finished tree, and leave no trace of having done so."""
    inside = tree / "tmp" / package.name
    _ = run(*privileged("cp", str(package), str(inside)))
    script = f"dpkg -i --force-downgrade /tmp/{package.name} && rm -f /tmp/* /var/log/dpkg.log"
    _ = run(*privileged("chroot", str(tree), "sh", "-euc", script), timeout_s=300)
    take_out_leftovers(tree)


def make_anew(disk: Path, tree: Path, finished: Path, *, disk_gb: int, log: Path) -> None:
    """Make `finished`: boot loader and EFI partition of `disk`, a fresh root of `tree`, sparse."""
    root = root_partition(disk)
    identifier = root_uuid(disk)
    logged(
        *("cp", "--sparse=always", "--reflink=auto", str(disk), str(finished)),
        log=log,
    )
    finished.chmod(0o644)
    _punch(finished, root)
    make_ext4(tree, finished, offset=root.offset, size=root.size, identifier=identifier, log=log)
    with finished.open("r+b") as stream:
        _ = stream.truncate(disk_gb * 1024**3)
    _ = run(find("sfdisk", package="fdisk"), "-q", "--relocate", "gpt-bak-std", str(finished))
    _check(finished, root)


def _punch(disk: Path, root: Partition) -> None:
    """Give the old file system's blocks back, so that free space is empty."""
    program = find("fallocate", package="util-linux")
    _ = run(program, "-p", "-o", str(root.offset), "-l", str(root.size), str(disk), timeout_s=120)


def _check(disk: Path, root: Partition) -> None:
    program = find("e2fsck", package="e2fsprogs")
    done = run(program, "-f", "-n", f"{disk}?offset={root.offset}", check=False, timeout_s=120)
    if not done.ok:
        raise CommandFailed(
            f"the file system of the finished disk is not clean: {done.stdout[-400:]}"
        )


def stale_byte_code(tree: Path) -> tuple[str, ...]:
    """Compiled files that Python would throw away: made for another source time or size."""
    found: list[str] = []
    for compiled in sorted((tree / "usr").rglob("*.pyc")):
        source = compiled.parent.parent / f"{compiled.name.split('.')[0]}.py"
        if source.is_symlink():
            to = source.readlink()
            source = tree / to.relative_to("/") if to.is_absolute() else source.parent / to
        if compiled.parent.name == "__pycache__" and not _fresh(compiled, source):
            found.append(str(compiled.relative_to(tree)))
    return tuple(found)


def _fresh(compiled: Path, source: Path) -> bool:
    header = compiled.read_bytes()[:16]
    flags = int.from_bytes(header[4:8], "little")
    if not source.is_file():
        return False
    if flags & 1:
        return True
    stat = source.stat()
    made_for = (int.from_bytes(header[8:12], "little"), int.from_bytes(header[12:16], "little"))
    return made_for == (int(stat.st_mtime) & 0xFFFFFFFF, stat.st_size & 0xFFFFFFFF)


def copy_sparse(source: Path, target: Path) -> None:
    """A copy that takes no more room than the original, in place only when it is whole."""
    beside = target.with_name(f".{target.name}.new")
    beside.unlink(missing_ok=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    _ = run("cp", "--sparse=always", "--reflink=auto", str(source), str(beside), timeout_s=600)
    beside.chmod(0o644)
    shutil.move(beside, target)
