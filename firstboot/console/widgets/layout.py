"""Parts of a screen laid out in the rows that there are; what does not fit is scrolled to."""

from __future__ import annotations

from collections.abc import Sequence

from agent.typed import NamedTuple
from firstboot.console.widgets.big import Big
from firstboot.console.widgets.dialog import Dialog, Waited
from firstboot.console.widgets.form import Form
from firstboot.console.widgets.menu import Menu
from firstboot.console.widgets.rows import Fit, Prose, Rows
from firstboot.console.widgets.text import BORDER_ROWS, Line, Picture, boxed, inside, stacked

Part = Rows | Prose | Menu | Form | Big | Dialog | Waited

_FEWEST_ROWS = 2


class Laid(NamedTuple):
    """Exactly so many lines; `scroll` is how many of the upper ones went, `below` whether there is
    more further down.
    """

    picture: Picture
    scroll: int
    below: bool


def lay_out(
    parts: Sequence[Part], columns: int, rows: int, *, scroll: int = 0, is_pinned: bool = False
) -> Laid:
    """With `is_pinned` the last part stands at the bottom, and what is above it scrolls."""
    pinned = stacked([_drawn(parts[-1], columns)]) if is_pinned and parts else Picture(())
    above = parts[:-1] if is_pinned else parts
    room = max(1, rows - len(pinned.lines))
    top = stacked(_fitted(above, columns, room))
    first = _first(top, room, scroll)
    seen = list(top.lines[first : first + room])
    blank: list[Line] = [()] * (room - len(seen))
    moved, low = top.moved(0, -first), pinned.moved(0, room)
    cursor = moved.cursor if moved.cursor and 0 <= moved.cursor[1] < room else None
    lines = (*seen, *blank, *pinned.lines)[:rows]
    return Laid(Picture(lines, cursor or low.cursor), first, first + room < len(top.lines))


def _first(top: Picture, room: int, scroll: int) -> int:
    """The first line that is shown: the marked rows are, else what was scrolled to."""
    if top.focus is not None:
        begin, end = top.focus
        scroll = min(max(scroll, end - room + 1), begin)
        scroll = 0 if end < room else scroll
    return max(0, min(scroll, len(top.lines) - room))


def _fitted(parts: Sequence[Part], columns: int, rows: int) -> list[Picture]:
    """Every part whole, but the rows that may go where there is no room."""
    drawn: list[Picture] = []
    for part in parts:
        left = rows - sum(len(one.lines) for one in drawn)
        if isinstance(part, Rows) and part.fit is not Fit.WHOLE:
            drawn += _if_fits(part, columns, left - BORDER_ROWS)
        else:
            drawn.append(_drawn(part, columns))
    return drawn


def _if_fits(part: Rows, columns: int, left: int) -> list[Picture]:
    whole = part.draw(inside(columns))
    if len(whole.lines) <= left:
        return [boxed(part.title, whole, columns)]
    if part.fit is Fit.OR_NOT or left < _FEWEST_ROWS:
        return []
    return [boxed(part.title, Picture(whole.lines[-left:]), columns)]


def _drawn(part: Part, columns: int) -> Picture:
    if part.title:
        return boxed(part.title, part.draw(inside(columns)), columns)
    return part.draw(columns)
