"""A machine-id of the node's own, on disk: machine-id(5)."""

from __future__ import annotations

import os
import re

from agent.errors import StepFailed
from agent.system.host import Host

_FILE = "/etc/machine-id"
_SOUND = re.compile(r"[0-9a-f]{32}\n?")
_BYTES = 16


def is_made(host: Host) -> bool:
    return _SOUND.fullmatch(host.files.read(_FILE) or "") is not None and not _is_volatile(host)


def make(host: Host) -> None:
    """Usually systemd made one at boot, which lies over the file until it is committed."""
    if _is_volatile(host):
        _ = host.run("systemd-machine-id-setup", "--commit")
    if not is_made(host):
        _ = host.files.write(_FILE, f"{_fresh()}\n", mode=0o444)
    if not is_made(host):
        raise StepFailed("the machine-id could not be written", hint="is the disk full?")


def _is_volatile(host: Host) -> bool:
    return f" {_FILE} " in (host.files.read("/proc/self/mountinfo") or "")


def _fresh() -> str:
    """A random UUID (version 4, variant 1) without dashes, as systemd makes them."""
    raw = bytearray(os.urandom(_BYTES))
    raw[6] = raw[6] & 0x0F | 0x40
    raw[8] = raw[8] & 0x3F | 0x80
    return raw.hex()
