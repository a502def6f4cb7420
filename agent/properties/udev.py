"""What udev knows of block devices, read where it keeps it.

First boot starts beside udev, so that udev may not yet have been asked to look at all.
"""

from __future__ import annotations

from agent.properties import mount
from agent.system.files import Files
from agent.system.host import Host

_COLD_PLUG = "systemd-udev-trigger.service"
_CONTROL = "/run/udev/control"
# A container sees its host's devices, and has no udev.
_CONTAINER = "/run/systemd/container"
_BLOCK = "/sys/class/block"
# CD drives are looked at themselves; the others hold no medium that somebody attached.
_PASSED_OVER = ("sr", "loop", "ram", "zram", "dm-", "md", "nbd", "fd")


def wait(host: Host) -> None:
    """Until udev has tried the driver of every device that is there."""
    _ = mount.run(host, "systemctl", "start", _COLD_PLUG)
    if host.files.exists(_CONTROL):
        _ = mount.run(host, "udevadm", "settle", f"--timeout={mount.LIMIT_S:.0f}")


def is_behind(files: Files) -> bool:
    """Whether there is a disk that udev has not looked at yet, and so a label may be missing."""
    if files.exists(_CONTAINER):
        return False
    names = (path.rpartition("/")[2] for path in files.names(_BLOCK))
    return any(
        not name.startswith(_PASSED_OVER) and not files.exists(_record(files, name))
        for name in names
    )


def has_filesystem(files: Files, name: str) -> bool:
    """Whether udev saw a file system on the block device of this name."""
    return "E:ID_FS_TYPE=" in (files.read(_record(files, name)) or "")


def _record(files: Files, name: str) -> str:
    return f"/run/udev/data/b{(files.read(f'{_BLOCK}/{name}/dev') or '').strip()}"
