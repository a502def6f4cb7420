"""The desk on a terminal of any size: header, the screen, what stands above it, footer."""

from __future__ import annotations

from collections.abc import Mapping

import urwid

from agent.status import words
from agent.status.words import CERTIFICATE
from firstboot.console.desk import Desk, Shown
from firstboot.console.widgets.dialog import Waited
from firstboot.console.widgets.layout import lay_out
from firstboot.console.widgets.text import (
    Line,
    Look,
    Picture,
    Span,
    boxed,
    drawable,
    inside,
    on_screen,
    padded,
)
from firstboot.console.world import World

MINIMUM = (80, 24)

# Foregrounds of 16 colours, backgrounds of 8, no attribute but bold: all that a VT has.
_USUAL = {
    Look.PLAIN: ("light gray", "black"),
    Look.GOOD: ("light green", "black"),
    Look.BUSY: ("yellow", "black"),
    Look.BAD: ("light red", "black"),
    Look.LABEL: ("light cyan", "black"),
    Look.TITLE: ("white", "black"),
    Look.HEAD: ("white", "dark blue"),
    Look.ALARM: ("white", "dark red"),
    Look.FOOT: ("black", "light gray"),
    Look.FIELD: ("white", "dark blue"),
    Look.MARKED: ("black", "light gray"),
}
_BAR = ("black", "light gray")
_CONTRAST = {
    look: _BAR if look in (Look.HEAD, Look.ALARM, Look.FOOT, Look.MARKED) else ("white", "black")
    for look in Look
}
USUAL, CONTRAST = "usual", "high contrast"
PALETTES: Mapping[str, tuple[tuple[str, str, str], ...]] = {
    name: tuple((look.value, ink, paper) for look, (ink, paper) in looks.items())
    for name, looks in ((USUAL, _USUAL), (CONTRAST, _CONTRAST))
}

_WIDEST = 100
_OVER_COLUMNS = 76
_BAR_ROWS = 2
_HEADER_BLANKS = 3


class Face(urwid.Widget):
    """The whole screen; `look` draws the desk as it is now."""

    _selectable = True
    _sizing = frozenset(["box"])

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._drawn = Picture(())
        self._seen: Picture | None = None
        self._size: urwid.Size = MINIMUM
        self._mark: tuple[object, ...] | None = None

    def look(self) -> None:
        """Draw again only what is otherwise than before."""
        mark = self._desk.mark
        if mark is not None and mark == self._mark:
            return
        self._mark = mark
        seen = self._picture(self._size)
        if seen != self._drawn:
            self._seen = seen
            self._invalidate()

    def keypress(self, _: urwid.Size, key: str, /) -> str | None:
        return key

    def render(self, size: urwid.Size, focus: bool = False) -> urwid.Canvas:  # noqa: FBT001, FBT002, ARG002
        seen = self._seen if size == self._size else None
        self._drawn = self._picture(size) if seen is None else seen
        self._seen, self._size = None, size
        lines = [_checked(line) for line in self._drawn.lines]
        texts = [b"".join(text for _, text in line) for line in lines]
        looks = [[(look, len(text)) for look, text in line] for line in lines]
        return urwid.TextCanvas(
            texts, looks, cursor=self._drawn.cursor, maxcol=size[0], check_width=False
        )

    def _picture(self, size: urwid.Size) -> Picture:
        columns, rows = size
        self._desk.rows = max(1, rows - _BAR_ROWS)
        shown = self._desk.shown()
        if columns < MINIMUM[0] or rows < MINIMUM[1]:
            return _small(shown.world, columns, rows)
        wide = min(columns, _WIDEST)
        laid = lay_out(
            shown.parts,
            wide,
            rows - _BAR_ROWS,
            scroll=self._desk.scroll,
            is_pinned=shown.screen.is_pinned,
        )
        self._desk.scroll = laid.scroll
        body = _over(laid.picture, shown, wide) if shown.over else laid.picture
        left = (columns - wide) // 2
        moved = body.moved(left, 1)
        middle = [padded((Span(" " * left), *line), columns) for line in body.lines]
        head, foot = _header(shown, columns), _footer(shown, columns, is_below=laid.below)
        return Picture((head, *middle, foot), moved.cursor)


def _over(body: Picture, shown: Shown, wide: int) -> Picture:
    """What stands above takes whole rows of the screen; typing goes to it."""
    part = shown.over
    if part is None:
        return body
    rows, columns = len(body.lines), min(_OVER_COLUMNS, wide - 2)
    box = boxed(part.title, part.draw(inside(columns)), columns)
    first = max(0, min(len(box.lines) - rows, (box.focus or (0, 0))[1] - rows + 1))
    lines, box = box.lines[first : first + rows], box.moved(0, -first)
    top, left = (rows - len(lines)) // 2, (wide - columns) // 2
    placed = [(Span(" " * left), *line) for line in lines]
    whole = (*body.lines[:top], *placed, *body.lines[top + len(placed) :])
    return Picture(whole, box.moved(left, top).cursor)


def _header(shown: Shown, columns: int) -> Line:
    """The node's name is whole: whoever resets the node types it."""
    world = shown.world
    name = drawable(world.name or "no name yet")[: columns // 2]
    product = f"{world.product} {words.clean(world.status.get('version'))}".strip()
    left = f"{product} - {shown.screen.title}" if shown.screen.title else product
    room = columns - len(name) - _HEADER_BLANKS
    look = Look.ALARM if world.news.is_stale else Look.HEAD
    return (Span(f" {drawable(left)[:room]:<{room}} {name} ", look),)


def _footer(shown: Shown, columns: int, *, is_below: bool) -> Line:
    world = shown.world
    keys = _keys(shown)
    more = "MORE BELOW  " if is_below and shown.over is None else ""
    lock = "  F10 lock" if world.access.logged_in else ""
    look = Look.ALARM if world.news.is_stale else Look.FOOT
    return _bar(f" {world.news.text}", f"{more}{keys}{lock}", columns, look)


def _keys(shown: Shown) -> str:
    if isinstance(shown.over, Waited):
        return "Esc leaves it to itself"
    return shown.screen.keys if shown.over is None else "Enter press  Esc close"


def _bar(left: str, right: str, columns: int, look: Look) -> Line:
    """What stands left is whole; of the keys as many as there is room for."""
    begin = drawable(left)[: columns - 2]
    room = columns - len(begin) - 2
    ends = ""
    for key in drawable(right).split("  "):
        longer = f"{ends}  {key}" if ends else key
        ends = longer if len(longer) <= room else ends
    return (Span(f"{begin} {ends:>{room}} ", look),)


def _small(world: World, columns: int, rows: int) -> Picture:
    """What matters most, line by line, and how to see the rest."""
    wanted = f"Please enlarge this terminal to {MINIMUM[0]}x{MINIMUM[1]}."
    lines = [f"{world.product} {world.name}".strip(), world.news.text, wanted]
    facts = [row for row in words.node(world.status, world.now) if row.label]
    lines[2:2] = [f"{row.label}: {row.text}" for row in facts if row.label != CERTIFICATE]
    kept = [padded((Span(drawable(line)),), columns) for line in lines[-rows:]]
    return Picture((*kept, *[padded((), columns)] * (rows - len(kept))))


def _checked(line: Line) -> list[tuple[str, bytes]]:
    """The last gate: what the font does not have is a question mark."""
    return [(span.look.value, on_screen(span.text).encode()) for span in line if span.text]
