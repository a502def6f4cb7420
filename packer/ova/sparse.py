"""Reads a stream-optimised VMDK the way a stream reader does: marker by marker.

header | descriptor | grain tables | grain, grain, … in the order of the disk | end marker
Each grain is a marker (first sector, compressed bytes), its data and padding to a whole sector;
the end marker is one sector of zeros, and a reader stops there.
Source: VMware's Virtual Disk Format 5.0.
"""

from __future__ import annotations

import array
import struct
import sys
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from packer.ova.section import Section

SECTOR = 512

_HEADER = struct.Struct("<4sIIQQQQIQQQB4sH")
_MARKER = struct.Struct("<QII")
_MAGIC = b"KDMV"
_VERSION = 3
_NEWLINES = b"\n \r\n"
_FLAG_TABLES_TWICE = 0x2
_FLAGS_NEEDED = 0x30001
_DEFLATE = 1
_GRAIN = 128
_ENTRIES = 512
_MOST_SECTORS = 1 << 32


class NotSparse(Exception):
    """Not a stream-optimised VMDK; the message says why."""


@dataclass(frozen=True)
class Header:
    """What the first sector says; offsets and sizes in sectors."""

    capacity: int
    grain: int
    descriptor: int
    descriptor_size: int
    entries: int
    table: int
    table_twin: int
    overhead: int

    @property
    def capacity_bytes(self) -> int:
        return self.capacity * SECTOR


@dataclass(frozen=True)
class Grain:
    """One compressed piece: where its marker stands, which sector it begins, its bytes."""

    position: int
    lba: int
    size: int

    @property
    def after(self) -> int:
        """The first byte after this grain and its padding."""
        return self.position + -(-(12 + self.size) // SECTOR) * SECTOR


@dataclass(frozen=True)
class Walk:
    """The grains in file order, where they end, and what stands there.

    `end` is the byte of the end marker, None when the file stops without one; `broken` is a
    sentence about what cannot be walked over.
    """

    header: Header
    grains: tuple[Grain, ...]
    stop: int
    end: int | None
    broken: str = ""


def read_header(section: Section) -> Header:
    """Raises NotSparse."""
    data = section.read(0, _HEADER.size)
    if len(data) < _HEADER.size or not data.startswith(_MAGIC):
        raise NotSparse("it does not begin with the mark KDMV of a sparse VMDK")
    (_, version, flags, capacity, grain, descriptor, descriptor_size, entries, twin, table, over,
     _, newlines, algorithm) = _HEADER.unpack(data)  # fmt: skip
    if newlines != _NEWLINES:
        raise NotSparse("its line ends were changed on the way, as by a transfer in text mode")
    if version != _VERSION or flags & _FLAGS_NEEDED != _FLAGS_NEEDED or algorithm != _DEFLATE:
        raise NotSparse(
            f"it is version {version} with flags {flags:#x}; "
            f"accepted is version {_VERSION} with compressed grains and markers"
        )
    if (grain, entries) != (_GRAIN, _ENTRIES) or not 0 < capacity <= _MOST_SECTORS:
        raise NotSparse(
            f"its header tells of {capacity} sectors in grains of {grain} and tables of {entries}; "
            f"accepted are up to {_MOST_SECTORS} in grains of {_GRAIN} and tables of {_ENTRIES}"
        )
    twin = twin if flags & _FLAG_TABLES_TWICE else 0
    return Header(capacity, grain, descriptor, descriptor_size, entries, table, twin, over)


def read_descriptor(section: Section, header: Header) -> str:
    """The text block: lines of key=value and one line for the extent."""
    block = section.read(header.descriptor * SECTOR, header.descriptor_size * SECTOR)
    return block.partition(b"\0")[0].decode("utf-8", errors="replace")


def walk(section: Section) -> Walk:
    """Go from grain to grain, as an uploader does. Raises NotSparse for a wrong header."""
    header = read_header(section)
    grains: list[Grain] = []
    position = header.overhead * SECTOR
    while position < section.size:
        sector = section.read(position, SECTOR)
        if not any(sector):
            return Walk(header, tuple(grains), position, position)
        if len(sector) < SECTOR:
            return Walk(header, tuple(grains), position, None, _cut_off(position))
        lba, size, _ = _MARKER.unpack_from(sector)
        grain = Grain(position, lba, size)
        wrong = _grain_words(grain, header, section.size)
        if wrong:
            return Walk(header, tuple(grains), position, None, wrong)
        grains.append(grain)
        position = grain.after
    return Walk(header, tuple(grains), position, None)


def _grain_words(grain: Grain, header: Header, size: int) -> str:
    if not grain.size:
        return f"at byte {grain.position} stands a marker that is neither a grain nor the end"
    if grain.lba >= header.capacity or grain.lba % header.grain:
        return f"at byte {grain.position} stands a grain for sector {grain.lba}, not of this disk"
    if grain.position + 12 + grain.size > size:
        return _cut_off(grain.position)
    return ""


def _cut_off(position: int) -> str:
    return f"the file breaks off within the grain at byte {position}"


def damaged_grains(section: Section, walked: Walk) -> Iterator[Grain]:
    """The grains whose data does not unpack to a whole grain."""
    whole = walked.header.grain * SECTOR
    for grain in walked.grains:
        unpacker = zlib.decompressobj()
        try:
            data = unpacker.decompress(section.read(grain.position + 12, grain.size), whole + 1)
        except zlib.error:
            yield grain
            continue
        if len(data) != whole or not unpacker.eof:
            yield grain


def read_tables(section: Section, header: Header, *, twin: bool = False) -> dict[int, int]:
    """What the grain tables say: first sector of a grain -> the byte of its marker."""
    count = -(-header.capacity // (header.grain * header.entries))
    start = header.table_twin if twin else header.table
    found: dict[int, int] = {}
    for number, table in enumerate(_words(section.read(start * SECTOR, count * 4))):
        entries = section.read(table * SECTOR, header.entries * 4)
        if not any(entries):
            continue
        first = number * header.entries
        for index, sector in enumerate(_words(entries)):
            if sector:
                found[(first + index) * header.grain] = sector * SECTOR
    return found


def _words(data: bytes) -> array.array[int]:
    words = array.array("I", data[: len(data) // 4 * 4])
    if sys.byteorder == "big":
        words.byteswap()
    return words
