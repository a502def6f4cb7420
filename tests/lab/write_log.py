"""What a guest wrote to its disk, in order, as QEMU's filter blklogwrites puts it down.

superblock | entry [data] | entry [data] | ...      each part begins at a sector of the log

An entry is a write (its data follows), a discard, or a flush: what came before a flush, or was
forced (FUA), is on the disk for good; of what came after, a power cut loses any part.
"""

from __future__ import annotations

import random
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.lab.call import LabError

SECTOR = 512
_HEAD = struct.Struct("<QQQI")
_ENTRY = struct.Struct("<QQQQ")
_MAGIC = 0x6A736677736872
_FLUSH, _FORCED, _DISCARD = 1, 2, 4
_LUCK = 0.5


@dataclass(frozen=True)
class Entry:
    """`offset` and `length` in bytes of the disk; `data` is where the bytes lie in the log."""

    offset: int
    length: int
    flags: int
    data: int

    @property
    def is_write(self) -> bool:
        return bool(self.length) and not self.flags & _DISCARD

    @property
    def is_flush(self) -> bool:
        return bool(self.flags & _FLUSH)

    @property
    def is_forced(self) -> bool:
        return bool(self.flags & _FORCED)


def arguments(disk: Path, log: Path) -> tuple[str, ...]:
    """QEMU's block devices: `d0` is the qcow2 image, with all that is written to it logged."""
    log.write_bytes(b"")
    image = f"driver=qcow2,node-name=d0-image,file.driver=file,file.filename={disk}"
    places = f"file=d0-image,log.driver=file,log.filename={log}"
    return (
        *("-blockdev", f"{image},cache.no-flush=on,discard=unmap"),
        *("-blockdev", f"driver=blklogwrites,node-name=d0,{places},log-sector-size={SECTOR}"),
    )


def read(log: Path) -> list[Entry]:
    """All entries that the superblock counts; raises LabError where it is no log."""
    found: list[Entry] = []
    with log.open("rb") as stream:
        magic, version, count, sector = _HEAD.unpack(stream.read(_HEAD.size))
        if (magic, version, sector) != (_MAGIC, 1, SECTOR):
            raise LabError(f"{log} is no log of writes: {magic:#x}, {version}, {sector}")
        at = SECTOR
        for _ in range(count):
            stream.seek(at)
            start, sectors, flags, _ = _ENTRY.unpack(stream.read(_ENTRY.size))
            entry = Entry(start * SECTOR, sectors * SECTOR, flags, at + SECTOR)
            found.append(entry)
            at = entry.data + (entry.length if entry.is_write else 0)
    return found


def last_flush(entries: Sequence[Entry], after: int) -> int:
    """How many entries are on the disk for good when `after` of them were sent."""
    return next((i + 1 for i in range(after - 1, -1, -1) if entries[i].is_flush), 0)


def kept(entries: Sequence[Entry], chance: random.Random) -> Iterator[tuple[Entry, int]]:
    """Of what no flush came after: forced ones whole, of the others any, of the last any part.

    Yields each with the length in bytes that reached the disk.
    """
    for place, entry in enumerate(entries):
        if not entry.is_write:
            continue
        if entry.is_forced:
            yield entry, entry.length
        elif chance.random() < _LUCK:
            last = place == len(entries) - 1
            sectors = entry.length // SECTOR
            yield entry, SECTOR * (chance.randint(1, sectors) if last else sectors)
