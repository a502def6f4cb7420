"""Fields one below the other, their faults beside them, and buttons at the end."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from agent.typed import NamedTuple
from firstboot.console.keys import Press
from firstboot.console.widgets.field import Field
from firstboot.console.widgets.text import Line, Look, Picture, Span, drawable, stacked, wrapped

# The switch of this name shows what is typed into masked fields.
SHOW = "show"

_LABEL_COLUMNS, _WIDEST_LABEL = 18, 24
_HELP_ROWS = 3


class Button(NamedTuple):
    """What is pressed in the end; `name` is what the screen hears."""

    name: str
    label: str


class Pressed(NamedTuple):
    """The form after a key, and the name of the button that it pressed, if any."""

    form: Form
    button: str | None = None


@dataclass(frozen=True)
class Form:
    """`at` counts over what can be reached: visible fields, then buttons. `faults` are sentences
    by key; those of `missing` wait until their field was left once, or all was `tried`.
    """

    fields: tuple[Field, ...]
    buttons: tuple[Button, ...]
    at: int = 0
    faults: Mapping[str, str] = field(default_factory=dict[str, str])
    missing: frozenset[str] = frozenset()
    left: frozenset[str] = frozenset()
    is_tried: bool = False
    title: str = ""

    @property
    def visible(self) -> tuple[Field, ...]:
        return tuple(one for one in self.fields if not one.is_hidden)

    @property
    def marked(self) -> Field | None:
        """The field that typing goes to; None on a button."""
        return self.visible[self.at] if self.at < len(self.visible) else None

    @property
    def texts(self) -> dict[str, str]:
        return {one.key: one.text for one in self.fields}

    def find(self, key: str) -> Field:
        return next(one for one in self.fields if one.key == key)

    def mapped(self, change: Callable[[Field], Field]) -> Form:
        """Each field as `change` makes it; the mark stays on its field."""
        marked = self.marked
        made = replace(self, fields=tuple(change(one) for one in self.fields))
        if marked is None:
            return replace(made, at=self.at - len(self.visible) + len(made.visible))
        keys = [one.key for one in made.visible]
        return replace(made, at=keys.index(marked.key) if marked.key in keys else 0)

    def filled(self, texts: Mapping[str, str]) -> Form:
        return self.mapped(lambda one: one.with_text(texts[one.key]) if one.key in texts else one)

    def tried(self) -> Form:
        """From now on what is missing is said too; the mark goes to the first fault."""
        made = replace(self, is_tried=True)
        keys = [one.key for one in made.visible]
        wrong = [keys.index(key) for key in keys if key in made.faults]
        return made._marking(wrong[0]) if wrong else made

    def said(self, key: str) -> str:
        """The fault that stands beside a field now."""
        waits = key in self.missing and key not in self.left and not self.is_tried
        return "" if waits else self.faults.get(key, "")

    def press(self, press: Press) -> Pressed | None:
        """None for a key that means nothing here."""
        marked = self.marked
        if marked is not None:
            taken = marked.press(press)
            if taken is not None:
                keyed = [taken if one.key == taken.key else one for one in self.fields]
                return Pressed(replace(self, fields=tuple(keyed)))
        elif press.name == "enter" or press.text == " ":
            return Pressed(self, self.buttons[self.at - len(self.visible)].name)
        by = self._step(press.name)
        return Pressed(self._marking(self.at + by)) if by else None

    def _step(self, name: str) -> int:
        is_button = self.marked is None
        if is_button and name in ("left", "right"):
            by = -1 if name == "left" else 1
            return by if 0 <= self.at + by - len(self.visible) < len(self.buttons) else 0
        if name in ("down", "up"):
            return self._step_vertical(-1 if name == "up" else 1)
        return {"tab": 1, "enter": 1, "shift tab": -1}.get(name, 0)

    def _step_vertical(self, by: int) -> int:
        """The buttons are one row."""
        if self.marked is not None:
            return by
        return len(self.visible) - 1 - self.at if by < 0 and self.visible else 0

    def _marking(self, at: int) -> Form:
        marked = self.marked
        left = self.left | {marked.key} if marked is not None else self.left
        made = replace(self, at=at % (len(self.visible) + len(self.buttons)), left=left)
        target = made.marked
        if target is None:
            return made
        fields = tuple(one.entered() if one.key == target.key else one for one in made.fields)
        return replace(made, fields=fields)

    def draw(self, columns: int) -> Picture:
        shown = any(one.key == SHOW and one.text for one in self.fields)
        pictures = [
            self._drawn(one, columns, is_marked=at == self.at, is_shown=shown)
            for at, one in enumerate(self.visible)
        ]
        return stacked((*pictures, self._drawn_buttons(), self._drawn_help(columns)))

    def _label_columns(self) -> int:
        longest = max((len(one.label) for one in self.visible), default=0)
        return max(_LABEL_COLUMNS, min(longest, _WIDEST_LABEL))

    def _drawn(self, one: Field, columns: int, *, is_marked: bool, is_shown: bool) -> Picture:
        begin = self._label_columns()
        wide = columns - begin - 1
        drawn = one.draw(wide, is_marked=is_marked, is_shown=is_shown)
        label = (Span(f"{drawable(one.label)[:begin]:<{begin + 1}}", Look.LABEL),)
        blank = (Span(" " * (begin + 1)),)
        lines = [(*(blank if at else label), *line) for at, line in enumerate(drawn.lines)]
        told = [*_below(self.said(one.key), wide, Look.BAD), *_below(one.note, wide, Look.PLAIN)]
        whole = drawn.moved(begin + 1, 0)
        focus = (0, len(lines) + len(told) - 1) if is_marked else None
        return Picture((*lines, *((*blank, *line) for line in told)), whole.cursor, focus)

    def _drawn_buttons(self) -> Picture:
        if not self.buttons:
            return Picture(())
        spans: list[Span] = []
        cursor: tuple[int, int] | None = None
        for at, button in enumerate(self.buttons, len(self.visible)):
            if at == self.at:
                cursor = (sum(len(span.text) for span in spans) + 2, 1)
            look = Look.MARKED if at == self.at else Look.PLAIN
            spans += [Span(f"[ {drawable(button.label)} ]", look), Span("  ")]
        return Picture(((), tuple(spans)), cursor, (0, 1) if cursor else None)

    def _drawn_help(self, columns: int) -> Picture:
        """Of the marked field; always the same rows, so that nothing jumps."""
        if not any(one.help for one in self.fields):
            return Picture(())
        marked = self.marked
        told = wrapped(marked.help if marked else "", columns)[:_HELP_ROWS]
        lines = [(Span(drawable(one)),) for one in (*told, *[""] * (_HELP_ROWS - len(told)))]
        return Picture(((), *lines))


def _below(text: str, columns: int, look: Look) -> Iterable[Line]:
    sign = "! " if look is Look.BAD else ""
    for one in wrapped(f"{sign}{text}", columns) if text else ():
        yield (Span(drawable(one), look),)
