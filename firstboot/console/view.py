"""The page as widgets: fits any size, draws only what a virtual terminal has."""

from __future__ import annotations

import string

import urwid

from agent.status import words
from agent.status.words import Row, Tone
from firstboot.console.model import Fit, Page, Section

MINIMUM = (80, 24)

# Foregrounds of 16 colours, backgrounds of 8, no attribute but bold: all that a VT has.
PALETTE = (
    ("body", "light gray", "black"),
    ("head", "white", "dark blue"),
    ("alarm", "white", "dark red"),
    ("foot", "black", "light gray"),
    ("title", "white", "black"),
    ("label", "light cyan", "black"),
    (Tone.PLAIN, "light gray", "black"),
    (Tone.GOOD, "light green", "black"),
    (Tone.BUSY, "yellow", "black"),
    (Tone.BAD, "light red", "black"),
)

_WIDEST = 100
_LABEL_COLUMNS = 13
_FEWEST_STEPS = 3
_BORDER_ROWS = 2
_BAR_ROWS = 2
_KEYS = "Up/Down scroll  F5 redraw"

# The kernel's built-in font has these (and boxes, which urwid draws); the rest would be blots.
_WESTERN = "¡¢£¥ª«¬°±²µ¶·º»¼½¿ÄÅÆÇÉÑÖÜßàáâäåæçèéêëìíîïñòóôö÷ùúûüÿ"
_DRAWABLE = frozenset(string.ascii_letters + string.digits + string.punctuation + " " + _WESTERN)


def drawable(text: str) -> str:
    """The text with a question mark for what a virtual terminal would draw as a blot."""
    return "".join(sign if sign in _DRAWABLE else "?" for sign in text)


class Face(urwid.Widget):
    """The whole screen; `show` gives it a new page."""

    _selectable = True
    _sizing = frozenset(["box"])

    def __init__(self, page: Page) -> None:
        super().__init__()
        self._page = page
        self._walker = urwid.SimpleListWalker([])
        self._body = urwid.ListBox(self._walker)
        self._filled_for: tuple[Page, urwid.Size] | None = None

    def show(self, page: Page) -> None:
        if page != self._page:
            self._page = page
            self._invalidate()

    def render(self, size: urwid.Size, focus: bool = False) -> urwid.Canvas:  # noqa: FBT001, FBT002
        return urwid.CompositeCanvas(self._laid_out(size).render(size, focus))

    def keypress(self, size: urwid.Size, key: str) -> str | None:
        if _is_small(size):
            return key
        left = self._laid_out(size).keypress(size, key)
        self._invalidate()
        return left

    def _laid_out(self, size: urwid.Size) -> urwid.Widget:
        if _is_small(size):
            return _small(self._page, size)
        if self._filled_for != (self._page, size):
            self._fill(size)
        body = urwid.AttrMap(self._body, "body")
        return urwid.Frame(body, header=_header(self._page), footer=self._footer(size))

    def _fill(self, size: urwid.Size) -> None:
        """The list itself stays, and with it how far somebody scrolled."""
        columns = min(size[0], _WIDEST)
        boxes = _boxes(self._page.sections, columns, size[1] - _BAR_ROWS)
        self._walker[:] = [urwid.Padding(box, "center", columns) for box in boxes]
        self._filled_for = (self._page, size)

    def _footer(self, size: urwid.Size) -> urwid.Widget:
        below = "bottom" not in self._body.ends_visible((size[0], size[1] - _BAR_ROWS))
        keys = f"MORE BELOW  {_KEYS}" if below else _KEYS
        return _bar(self._page.news, keys, "alarm" if self._page.is_stale else "foot")


def _is_small(size: urwid.Size) -> bool:
    return size[0] < MINIMUM[0] or size[1] < MINIMUM[1]


def _header(page: Page) -> urwid.Widget:
    return _bar(page.product, page.name or "no name yet", "alarm" if page.is_stale else "head")


def _bar(left: str, right: str, look: str) -> urwid.Widget:
    ends = drawable(right)
    return urwid.AttrMap(
        urwid.Columns(
            [
                urwid.Text(f" {drawable(left)}", wrap="clip"),
                (min(len(ends) + 1, MINIMUM[0] // 2), urwid.Text(f"{ends} ", "right", "clip")),
            ],
            dividechars=1,
        ),
        look,
    )


def _boxes(sections: tuple[Section, ...], columns: int, rows: int) -> list[urwid.Widget]:
    """Every section whole, but the steps: of those the last ones that there is room for."""
    boxes: list[urwid.Widget] = []
    for section in sections:
        left = rows - sum(box.rows((columns,)) for box in boxes) - _BORDER_ROWS
        if section.fit is Fit.WHOLE:
            boxes.append(_box(section.title, section.rows))
        elif section.fit is Fit.LAST_ROWS:
            boxes.append(_box(section.title, section.rows[-max(left, _FEWEST_STEPS) :]))
        elif len(section.rows) <= left:
            boxes.append(_box(section.title, section.rows))
    return boxes


def _box(title: str, rows: tuple[Row, ...]) -> urwid.Widget:
    inside = urwid.Padding(urwid.Pile([_line(row) for row in rows]), left=1, right=1)
    return urwid.AttrMap(
        urwid.LineBox(inside, title, title_align="left", title_attr="title"), "body"
    )


def _line(row: Row) -> urwid.Widget:
    label = urwid.Text(("label", drawable(row.label)))
    text = urwid.Text((row.tone, drawable(row.text)))
    return urwid.Columns([(_label_columns(row), label), text], dividechars=1)


def _label_columns(row: Row) -> int:
    """Labels line up; the name of a setting may be longer than the column."""
    return max(_LABEL_COLUMNS, min(len(row.label), MINIMUM[0] // 3))


def _small(page: Page, size: urwid.Size) -> urwid.Widget:
    """What matters most, line by line, and how to see the rest."""
    wanted = f"Please enlarge this terminal to {MINIMUM[0]}x{MINIMUM[1]}."
    lines = [f"{page.product} {page.name}".strip(), page.news, wanted]
    facts = [row for row in page.sections[0].rows if row.label not in ("", words.CERTIFICATE)]
    lines[2:2] = [f"{row.label}: {row.text}" for row in facts]
    texts = [urwid.Text(drawable(line), wrap="clip") for line in lines[-size[1] :]]
    return urwid.AttrMap(urwid.Filler(urwid.Pile(texts), "top"), "body")
