"""Ways to damage a good appliance, each one thing at a time."""

from __future__ import annotations

import hashlib
import re
import struct
from collections.abc import Callable
from pathlib import Path

from agent.settings.declare import Row
from packer.ova.profile import Profile
from packer.ova.verify import fault_words, verify
from tests.packer.ova.conftest import NAME
from tests.packer.ova.declared import ROWS
from tests.packer.ova.small import SECTOR, SMALL

OVF, MF, DISK = f"{NAME}.ovf", f"{NAME}.mf", f"{NAME}-disk1.vmdk"
Members = dict[str, bytes]
Damage = Callable[[Members], Members]


def said_of(ova: Path, *, profile: Profile = SMALL, rows: tuple[Row, ...] = ROWS) -> list[str]:
    report = verify(ova, rows=rows, profiles=(profile,))
    return [fault_words(fault) for fault in report.faults]


def resealed(members: Members) -> Members:
    """The same with a manifest that is right again, so that only the damage itself shows."""
    lines = [f"SHA1({name})= {hashlib.sha1(members[name]).hexdigest()}\n" for name in (OVF, DISK)]
    return {**members, MF: "".join(lines).encode()}


def changed(name: str, pattern: bytes, new: bytes) -> Damage:
    """Replace the one place that matches in a member."""

    def damage(members: Members) -> Members:
        data, count = re.subn(pattern, lambda _: new, members[name], count=1)
        assert count == 1
        return {**members, name: data}

    return damage


def disk_changed(change: Callable[[bytes], bytes]) -> Damage:
    """Change the disk and let the descriptor tell its new size."""

    def damage(members: Members) -> Members:
        disk = change(members[DISK])
        size = f'ovf:size="{len(disk)}"'.encode()
        return changed(OVF, rb'ovf:size="\d+"', size)({**members, DISK: disk})

    return damage


def grains_of(disk: bytes) -> list[tuple[int, int]]:
    """Begin and end of each grain, walked without our reader."""
    found: list[tuple[int, int]] = []
    position: int = struct.unpack_from("<Q", disk, 64)[0] * SECTOR
    while any(disk[position : position + SECTOR]):
        size: int = struct.unpack_from("<I", disk, position + 8)[0]
        after = position + -(-(12 + size) // SECTOR) * SECTOR
        found.append((position, after))
        position = after
    return found


def swapped(disk: bytes) -> bytes:
    (start, middle), (begin, end) = grains_of(disk)[:2]
    assert middle == begin
    return disk[:start] + disk[begin:end] + disk[start:middle] + disk[end:]


def spoilt(disk: bytes) -> bytes:
    start, _ = grains_of(disk)[1]
    return disk[: start + 20] + bytes([disk[start + 20] ^ 0xFF]) + disk[start + 21 :]


def wider(disk: bytes) -> bytes:
    capacity: int = struct.unpack_from("<Q", disk, 12)[0]
    return disk[:12] + struct.pack("<Q", capacity + 128) + disk[20:]
