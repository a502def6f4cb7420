"""The status grid: titled rows of a label and a text; and prose."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from agent.status.words import Row
from firstboot.console.widgets.text import Line, Look, Picture, Span, drawable, wrapped

_LABEL_COLUMNS = 13
_WIDEST_LABEL = 26


class Fit(Enum):
    """What becomes of rows that there is no room for."""

    WHOLE = "the screen scrolls"
    LAST_ROWS = "its first rows go"
    OR_NOT = "it goes"


@dataclass(frozen=True)
class Rows:
    """A titled box of rows."""

    title: str
    rows: tuple[Row, ...]
    fit: Fit = Fit.WHOLE

    def draw(self, columns: int) -> Picture:
        widest = max((len(row.label) for row in self.rows), default=0)
        wide = max(_LABEL_COLUMNS, min(widest, _WIDEST_LABEL))
        return Picture(tuple(line for row in self.rows for line in _lines(row, wide, columns)))


@dataclass(frozen=True)
class Prose:
    """Sentences, each a paragraph."""

    texts: tuple[str, ...]
    title: str = ""
    look: Look = Look.PLAIN

    def draw(self, columns: int) -> Picture:
        lines = [one for text in self.texts for one in wrapped(text, columns)]
        return Picture(tuple((Span(drawable(one), self.look),) for one in lines))


def _lines(row: Row, wide: int, columns: int) -> list[Line]:
    """Labels line up in `wide` columns."""
    texts = wrapped(row.text, columns - wide - 1)
    labels = [row.label, *[""] * (len(texts) - 1)]
    return [
        (
            Span(f"{drawable(label)[:wide]:<{wide + 1}}", Look.LABEL),
            Span(drawable(text), Look(row.tone.value)),
        )
        for label, text in zip(labels, texts, strict=True)
    ]
