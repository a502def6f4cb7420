"""A part of an open file: a whole file, or a member of an archive where it lies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO


@dataclass(frozen=True)
class Section:
    """`size` bytes of `stream` from `start`."""

    stream: BinaryIO
    start: int
    size: int

    def read(self, position: int, size: int) -> bytes:
        """Up to `size` bytes from `position`, fewer where the section ends."""
        size = min(size, self.size - position)
        if size <= 0:
            return b""
        self.stream.seek(self.start + position)
        return self.stream.read(size)
