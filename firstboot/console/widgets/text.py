"""Lines of looks and text: what every widget draws; no terminal in sight."""

from __future__ import annotations

import string
import textwrap
from collections.abc import Iterable
from enum import StrEnum

from agent.typed import NamedTuple


class Look(StrEnum):
    """How a piece of text is meant; the palette gives each its colours, words say it already."""

    PLAIN = "plain"
    GOOD = "good"
    BUSY = "busy"
    BAD = "bad"
    LABEL = "label"
    TITLE = "title"
    HEAD = "head"
    ALARM = "alarm"
    FOOT = "foot"
    FIELD = "field"
    MARKED = "marked"


class Span(NamedTuple):
    """A piece of one look."""

    text: str
    look: Look = Look.PLAIN


Line = tuple[Span, ...]


class Picture(NamedTuple):
    """Lines, where the cursor stands (column, row), and which rows are to be seen (first, last)."""

    lines: tuple[Line, ...]
    cursor: tuple[int, int] | None = None
    focus: tuple[int, int] | None = None

    def moved(self, columns: int, rows: int) -> Picture:
        """The same marks for lines that come to stand further right and down."""
        cursor, focus = self.cursor, self.focus
        return self._replace(
            cursor=(cursor[0] + columns, cursor[1] + rows) if cursor else None,
            focus=(focus[0] + rows, focus[1] + rows) if focus else None,
        )


BORDER_ROWS = 2
_BORDER_COLUMNS = 4

# The kernel's built-in font has these; the rest would be blots.
_WESTERN = "¡¢£¥ª«¬°±²µ¶·º»¼½¿ÄÅÆÇÉÑÖÜßàáâäåæçèéêëìíîïñòóôö÷ùúûüÿ"
_LETTERS = frozenset(string.ascii_letters + string.digits + string.punctuation + " " + _WESTERN)
_DRAWN = frozenset("┌─┐│└┘█")


class _Gate(dict[int, str]):
    """For str.translate: what is not in it becomes a question mark."""

    def __missing__(self, _: int) -> str:
        return "?"


_LETTER_GATE = _Gate({ord(sign): sign for sign in _LETTERS})
_SCREEN_GATE = _Gate({ord(sign): sign for sign in _LETTERS | _DRAWN})


def drawable(text: str) -> str:
    """The text with a question mark for what a virtual terminal would draw as a blot."""
    return text.translate(_LETTER_GATE)


def on_screen(text: str) -> str:
    """The same for what widgets made of it, with their boxes."""
    return text.translate(_SCREEN_GATE)


def wrapped(text: str, columns: int) -> list[str]:
    """Broken between words, and within one that is longer than a line."""
    if len(text) <= columns and text.isprintable():
        # As most are; the other way is what a picture costs most.
        return [text]
    return textwrap.wrap(text, max(1, columns), break_on_hyphens=False) or [""]


def length(line: Line) -> int:
    return sum(len(span.text) for span in line)


def clipped(line: Line, columns: int) -> Line:
    """Its first columns."""
    kept: list[Span] = []
    for span in line:
        piece = span.text[:columns]
        columns -= len(piece)
        kept.append(span._replace(text=piece))
        if columns <= 0:
            break
    return tuple(kept)


def padded(line: Line, columns: int) -> Line:
    """Exactly so wide."""
    short = clipped(line, columns)
    return (*short, Span(" " * (columns - length(short))))


def stacked(pictures: Iterable[Picture]) -> Picture:
    """One below the other; the first cursor and focus count."""
    lines: list[Line] = []
    cursor: tuple[int, int] | None = None
    focus: tuple[int, int] | None = None
    for picture in pictures:
        moved = picture.moved(0, len(lines))
        cursor, focus = cursor or moved.cursor, focus or moved.focus
        lines += picture.lines
    return Picture(tuple(lines), cursor, focus)


def inside(columns: int) -> int:
    """What is left for the content of a box."""
    return columns - _BORDER_COLUMNS


def boxed(title: str, picture: Picture, columns: int) -> Picture:
    """With a border, the title in its upper edge."""
    wide = inside(columns)
    shown = f" {drawable(title)[: wide - 2]} "
    top = (Span("┌─"), Span(shown, Look.TITLE), Span("─" * (columns - len(shown) - 3) + "┐"))
    body = [(Span("│ "), *padded(line, wide), Span(" │")) for line in picture.lines]
    bottom = (Span("└" + "─" * (columns - 2) + "┘"),)
    return Picture((top, *body, bottom), *picture.moved(2, 1)[1:])
