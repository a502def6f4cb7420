"""One thing to be filled in: text, secret, choice, switch or many lines."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import Enum

from agent.typed import NamedTuple
from firstboot.console.keys import Press
from firstboot.console.widgets.buffer import Buffer
from firstboot.console.widgets.text import Line, Look, Picture, Span, drawable

_AREA_ROWS = 5
_FIELD_COLUMNS = 48
_MASK = "*"
ON = "on"


class Entry(Enum):
    """How a field is filled in."""

    TEXT = "one line"
    MASKED = "one line that nobody sees"
    AREA = "many lines"
    CHOICE = "one of a few"
    SWITCH = "on or off"


class Choice(NamedTuple):
    """What is offered, and the value that it stands for."""

    value: str
    label: str


@dataclass(frozen=True)
class Field:
    """`note` is a line of what follows from the text; a hidden one is passed over."""

    key: str
    label: str
    help: str = ""
    entry: Entry = Entry.TEXT
    buffer: Buffer = field(default_factory=Buffer)
    choices: tuple[Choice, ...] = ()
    note: str = ""
    is_hidden: bool = False
    is_secret: bool = False

    @property
    def text(self) -> str:
        return self.buffer.text

    def said(self, text: str) -> str:
        """A text of this field in words."""
        labels = {choice.value: choice.label for choice in self.choices}
        return labels.get(text, text) or "not set"

    def with_text(self, text: str) -> Field:
        return replace(self, buffer=Buffer.of(text))

    def entered(self) -> Field:
        """Who comes to a field goes on at its end."""
        return replace(self, buffer=Buffer.of(self.text))

    def press(self, press: Press) -> Field | None:
        """None for a key that is not this field's."""
        if self.entry is Entry.CHOICE:
            return self._choose(press)
        if self.entry is Entry.SWITCH:
            is_turned = press.text == " " or press.name == "enter"
            return self.with_text("" if self.text else ON) if is_turned else None
        edited = self._edit(press)
        return None if edited is None else replace(self, buffer=edited)

    def _choose(self, press: Press) -> Field | None:
        by = {"left": -1, "right": 1}.get(press.name, 1 if press.text == " " else 0)
        if not by or not self.choices:
            return None
        values = [choice.value for choice in self.choices]
        at = values.index(self.text) if self.text in values else 0
        return self.with_text(values[(at + by) % len(values)])

    def _edit(self, press: Press) -> Buffer | None:
        buffer, is_area = self.buffer, self.entry is Entry.AREA
        if press.text:
            return buffer.insert(press.text if is_area else press.text.replace("\n", " "))
        if is_area and press.name in ("up", "down"):
            return buffer.line(-1 if press.name == "up" else 1)
        if is_area and press.name == "enter":
            return buffer.insert("\n")
        edits: dict[str, Callable[[], Buffer]] = {
            "left": lambda: buffer.move(-1),
            "right": lambda: buffer.move(1),
            "home": buffer.home,
            "end": buffer.end,
            "backspace": buffer.backspace,
            "delete": buffer.delete,
            "ctrl u": Buffer,
        }
        edit = edits.get(press.name)
        return edit() if edit else None

    def draw(self, columns: int, *, is_marked: bool, is_shown: bool) -> Picture:
        """The field without its label; the cursor where typing goes on."""
        if self.entry is Entry.CHOICE:
            return self._drawn_choices(is_marked=is_marked)
        look = Look.MARKED if is_marked else Look.FIELD
        if self.entry is Entry.SWITCH:
            return _focused(
                Picture(((Span(f"[{'x' if self.text else ' '}]", look),),)),
                (1, 0),
                is_marked=is_marked,
            )
        wide = min(columns, _FIELD_COLUMNS + 2) - 2
        if self.entry is Entry.AREA:
            return self._drawn_area(columns - 2, look, is_marked=is_marked, is_shown=is_shown)
        text = self._seen(self.text, is_shown=is_shown)
        shown, column = _window(text, self.buffer.at, wide)
        line = (Span("["), Span(f"{shown:<{wide}}", look), Span("]"))
        return _focused(Picture((line,)), (column + 1, 0), is_marked=is_marked)

    def _seen(self, text: str, *, is_shown: bool) -> str:
        is_masked = self.is_secret or self.entry is Entry.MASKED
        return _MASK * len(text) if is_masked and not is_shown else text

    def _drawn_choices(self, *, is_marked: bool) -> Picture:
        spans: list[Span] = []
        column = 0
        for choice in self.choices:
            is_on = choice.value == self.text
            if is_on:
                column = sum(len(span.text) for span in spans) + 1
            look = Look.MARKED if is_on and is_marked else Look.PLAIN
            spans += [Span(f"({'*' if is_on else ' '}) {drawable(choice.label)}", look), Span("  ")]
        return _focused(Picture((tuple(spans),)), (column, 0), is_marked=is_marked)

    def _drawn_area(self, wide: int, look: Look, *, is_marked: bool, is_shown: bool) -> Picture:
        column, row = self.buffer.place
        lines = self.text.split("\n")
        first = max(0, min(row - _AREA_ROWS + 1, len(lines) - _AREA_ROWS))
        drawn: list[Line] = []
        for at in range(first, first + _AREA_ROWS):
            text = self._seen(lines[at], is_shown=is_shown) if at < len(lines) else ""
            shown, place = _window(text, column if at == row else 0, wide)
            drawn.append((Span("["), Span(f"{shown:<{wide}}", look), Span("]")))
            column = place if at == row else column
        return _focused(Picture(tuple(drawn)), (column + 1, row - first), is_marked=is_marked)


def _window(text: str, at: int, wide: int) -> tuple[str, int]:
    """As much of a text as there is room for around the place `at`, and that place's column."""
    start = max(0, at - wide + 1)
    shown = drawable(text[start : start + wide])
    return ("<" + shown[1:] if start else shown), at - start


def _focused(picture: Picture, cursor: tuple[int, int], *, is_marked: bool) -> Picture:
    if not is_marked:
        return picture
    return picture._replace(cursor=cursor, focus=(0, len(picture.lines) - 1))
