"""Reads a tar archive header by header, so that nothing in it is smoothed over."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from agent.errors import Fault
from packer.ova.section import Section

_BLOCK = 512
_USTAR = b"ustar\x0000"
_PLAIN = (b"0", b"\0")
_KINDS = {
    b"x": "a PAX header",
    b"g": "a global PAX header",
    b"L": "a GNU long name",
    b"K": "a GNU long link",
    b"S": "a GNU sparse file",
    b"5": "a folder",
    b"2": "a symbolic link",
}


@dataclass(frozen=True)
class Member:
    """One entry: its name, the mark of its format, its kind, and its bytes."""

    name: str
    magic: bytes
    kind: bytes
    section: Section

    @property
    def is_file(self) -> bool:
        return self.kind in _PLAIN


@dataclass(frozen=True)
class Archive:
    """The entries in file order, and what is wrong with them as an archive."""

    members: tuple[Member, ...]
    faults: tuple[Fault, ...]


def read_archive(whole: Section) -> Archive:
    """Every entry up to the end of the archive, or up to where it cannot be read on."""
    members: list[Member] = []
    faults: list[Fault] = []
    position = 0
    while any(block := whole.read(position, _BLOCK)):
        member = _member(whole, position, block)
        if isinstance(member, Fault):
            faults.append(member)
            return Archive(tuple(members), (*faults, *_member_faults(members)))
        members.append(member)
        position += _BLOCK + -(-member.section.size // _BLOCK) * _BLOCK
    faults.extend(_end_faults(whole, position))
    return Archive(tuple(members), (*faults, *_member_faults(members)))


def _member(whole: Section, position: int, block: bytes) -> Member | Fault:
    name = block[:100].partition(b"\0")[0].decode("utf-8", errors="replace")
    size = _octal(block[124:136])
    if len(block) < _BLOCK or _octal(block[148:156]) != _checksum(block) or size is None:
        return Fault("archive", f"at byte {position} stands no tar header", "it is damaged there")
    start = position + _BLOCK
    if start + size > whole.size:
        missing = start + size - whole.size
        return Fault("archive", f"it breaks off within {name}, {missing} bytes early")
    return Member(name, block[257:265], block[156:157], Section(whole.stream, start, size))


def _octal(field: bytes) -> int | None:
    digits = field.rstrip(b"\0 ").lstrip(b" ")
    if not digits or any(digit not in b"01234567" for digit in digits):
        return None
    return int(digits, 8)


def _checksum(block: bytes) -> int:
    return sum(block[:148]) + 8 * ord(" ") + sum(block[156:])


def _end_faults(whole: Section, position: int) -> Iterator[Fault]:
    if whole.size - position < 2 * _BLOCK:
        yield Fault("archive", "it ends without its two closing blocks", "it was cut off")
    while rest := whole.read(position, 1 << 20):
        if any(rest):
            yield Fault("archive", "there are bytes after its end", "accepted are zeros")
            return
        position += len(rest)


def _member_faults(members: list[Member]) -> Iterator[Fault]:
    for member in members:
        if not member.is_file:
            kind = _KINDS.get(member.kind, f"an entry of kind {member.kind!r}")
            yield Fault(
                "archive",
                f"it holds {kind} ({member.name}), which vSphere does not read",
                "accepted is the USTAR format with whole-second times",
            )
        elif member.magic != _USTAR:
            yield Fault(
                "archive",
                f"the header of {member.name} is marked {member.magic!r}",
                "accepted is the USTAR format",
            )
        if "/" in member.name:
            yield Fault("archive", f"{member.name} lies in a folder", "accepted is a plain name")
