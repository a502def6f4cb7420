"""The console's picture read back as exact text, without an agent in the guest.

The font comes from where the guest has it: the VGA BIOS beside QEMU, but for the glyphs that
the kernel draws its own way (glyphs.txt). Text mode has cells of 9x16, a framebuffer of 8x16.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from PIL import Image

from tests.lab.call import LabError

UNKNOWN = "\N{REPLACEMENT CHARACTER}"
_ROMS = ("/usr/share/seabios/vgabios-stdvga.bin", "/usr/share/qemu/vgabios-stdvga.bin")
_LETTER_A = bytes.fromhex("000010386cc6c6fec6c6c6c600000000")
_ROWS = 16
_CURSOR_ROWS = 3
_LOW = " ☺☻♥♦♣♠•◘○◙♂♀♪♫☼►◄↕‼¶§▬↨↑↓→←∟↔▲▼"
_FULL = b"\xff" * _ROWS
# The 16 colours of a VT, by urwid's names.
_COLOURS = {
    "000000": "black", "aa0000": "dark red", "00aa00": "dark green", "aa5500": "brown",
    "0000aa": "dark blue", "aa00aa": "dark magenta", "00aaaa": "dark cyan", "aaaaaa": "light gray",
    "555555": "dark gray", "ff5555": "light red", "55ff55": "light green", "ffff55": "yellow",
    "5555ff": "light blue", "ff55ff": "light magenta", "55ffff": "light cyan", "ffffff": "white",
}  # fmt: skip


@dataclass(frozen=True)
class Screen:
    """What stands on the screen: `rows` of text, and how many cells could not be read."""

    rows: tuple[str, ...]
    unknown: int

    @property
    def text(self) -> str:
        return "\n".join(row.rstrip() for row in self.rows)


def read(picture: Path) -> Screen:
    """Every cell of a picture of the console, as text."""
    with Image.open(picture) as image:
        width, height = image.size
        pixels = image.convert("RGB").tobytes()
    cell = 9 if width == 720 else 8
    rows = tuple(
        "".join(_cell(pixels, width, column * cell, row * _ROWS) for column in range(width // cell))
        for row in range(height // _ROWS)
    )
    return Screen(rows, sum(row.count(UNKNOWN) for row in rows))


def colours(picture: Path, words: str) -> tuple[str, str]:
    """Ink and paper of these words, where they stand first, by urwid's names."""
    for number, row in enumerate(read(picture).rows):
        at = row.find(words)
        if at < 0:
            continue
        with Image.open(picture) as image:
            cell = 9 if image.width == 720 else 8
            box = (at * cell, number * _ROWS, (at + len(words)) * cell, (number + 1) * _ROWS)
            found = image.convert("RGB").crop(box).tobytes()
        pixels = [found[start : start + 3].hex() for start in range(0, len(found), 3)]
        paper, ink = sorted(set(pixels), key=pixels.count, reverse=True)[:2]
        return _COLOURS.get(ink, ink), _COLOURS.get(paper, paper)
    raise LabError(f"{words!r} is nowhere on {picture.name}")


def hide(picture: Path, pattern: str) -> int:
    """Paint over what matches in a saved picture, and say how often: a secret that a person sees at
    the machine is nothing to keep.
    """
    found = [
        (number, match.span())
        for number, row in enumerate(read(picture).rows)
        for match in re.finditer(pattern, row)
    ]
    if found:
        with Image.open(picture) as image:
            cell = 9 if image.width == 720 else 8
            clean = image.convert("RGB")
        for row, (start, end) in found:
            box = (start * cell, row * _ROWS, end * cell, (row + 1) * _ROWS)
            clean.paste((128, 128, 128), box)
        clean.save(picture)
    return len(found)


def _cell(pixels: bytes, width: int, left: int, top: int) -> str:
    start = (top * width + left) * 3
    lines = (start + row * width * 3 for row in range(_ROWS))
    return _letter(b"".join(pixels[at : at + 24] for at in lines))


@cache
def _letter(cell: bytes) -> str:
    """One cell of 8x16 pixels, three bytes each."""
    colours = [cell[at : at + 3] for at in range(0, len(cell), 3)]
    found = sorted(set(colours), key=colours.count, reverse=True)
    if len(found) == 1:
        return " "
    candidates = [_bitmap(colours, ink) for ink in reversed(found)]
    letters = (font().get(bitmap) for bitmap in candidates)
    known = next((letter for letter in letters if letter), None)
    return known or _under_cursor(candidates)


def _bitmap(colours: list[bytes], ink: bytes) -> bytes:
    bits = "".join("1" if colour == ink else "0" for colour in colours)
    return bytes(int(bits[at : at + 8], 2) for at in range(0, len(bits), 8))


def _under_cursor(candidates: list[bytes]) -> str:
    """A letter whose last rows the cursor covers."""
    seen = _ROWS - _CURSOR_ROWS
    for bitmap in candidates:
        for glyph, letter in font().items():
            if bitmap[:seen] == glyph[:seen]:
                return letter
    return UNKNOWN


@cache
def font() -> dict[bytes, str]:
    """Glyphs -> letters; the kernel's own take the place of the BIOS's."""
    rom = _rom()
    start = rom.find(_LETTER_A) - ord("A") * _ROWS
    if start < 0:
        raise LabError("the VGA BIOS has no font where one was expected")
    glyphs = {code: rom[start + code * _ROWS : start + (code + 1) * _ROWS] for code in range(256)}
    changed = (Path(__file__).parent / "glyphs.txt").read_text().splitlines()
    own = (line.split() for line in changed if not line.startswith("#"))
    font = {bytes.fromhex(bitmap): _unicode(int(code, 16)) for code, bitmap in own}
    # Backwards, so that of two equal glyphs the lower code, the plainer letter, stays.
    for code in range(255, -1, -1):
        if glyphs[code] not in (_FULL, bytes(_ROWS)):
            font[glyphs[code]] = _unicode(code)
    return {**font, _FULL: "█", bytes(_ROWS): " "}


def _rom() -> bytes:
    for name in _ROMS:
        if Path(name).exists():
            return Path(name).read_bytes()
    raise LabError(f"QEMU's VGA BIOS is at none of {', '.join(_ROMS)}")


def _unicode(code: int) -> str:
    if code < len(_LOW):
        return _LOW[code]
    return "⌂" if code == 0x7F else bytes([code]).decode("cp437")
