"""A bootable base disk: partition table, EFI system partition and root, all made offline."""

from __future__ import annotations

import shutil
from pathlib import Path

from agent.system.run import run
from packer.base.filesystem import make_ext4
from packer.base.layout import MIB, Identity, Layout
from packer.tool import find, logged


def make_disk(tree: Path, disk: Path, identity: Identity, *, log: Path) -> None:
    """Write `disk` with `tree` as its root file system; it has no boot loader yet."""
    layout = Layout()
    with disk.open("wb") as stream:
        _ = stream.truncate(layout.disk_mib * MIB)
    _ = run(find("sfdisk", package="fdisk"), "-q", str(disk), stdin=layout.table(identity))
    _make_esp(disk, layout, identity, log=log)
    make_ext4(
        tree,
        disk,
        offset=layout.root_offset,
        size=layout.root_size,
        identifier=identity.root,
        log=log,
    )


def take_kernel(tree: Path, folder: Path) -> None:
    """The kernel and initramfs for the first boot of a disk that has no boot loader."""
    for name, pattern in (("vmlinuz", "vmlinuz-*"), ("initrd.img", "initrd.img-*")):
        newest = sorted((tree / "boot").glob(pattern))[-1]
        _ = shutil.copyfile(newest, folder / name)


def _make_esp(disk: Path, layout: Layout, identity: Identity, *, log: Path) -> None:
    esp = disk.with_name("esp.img")
    with esp.open("wb") as stream:
        _ = stream.truncate(layout.esp_mib * MIB)
    program = find("mkfs.vfat", package="dosfstools")
    logged(program, "-F", "32", "-i", identity.esp, "-n", "ESP", str(esp), log=log)
    with disk.open("r+b") as target, esp.open("rb") as source:
        _ = target.seek(layout.esp_offset)
        shutil.copyfileobj(source, target, MIB)
    esp.unlink()
