"""A list to choose from: arrows, digits, Enter; one line explains what is marked."""

from __future__ import annotations

from dataclasses import dataclass, replace

from agent.typed import NamedTuple
from firstboot.console.keys import Press
from firstboot.console.widgets.text import Line, Look, Picture, Span, drawable, wrapped

_SIGNS = "1234567890abcdefghijklmnopqrstuvwxyz"


class Item(NamedTuple):
    """`name` is what the screen hears when it is chosen."""

    name: str
    label: str
    about: str = ""


class Chosen(NamedTuple):
    """The menu after a key, and the item that it chose, if any."""

    menu: Menu
    name: str = ""


@dataclass(frozen=True)
class Menu:
    """Goes down column by column; `across` is how many of them there are."""

    items: tuple[Item, ...]
    at: int = 0
    across: int = 1
    title: str = ""

    @property
    def deep(self) -> int:
        """Rows of the list."""
        return -(-len(self.items) // self.across)

    def sign(self, at: int) -> str:
        """The key that chooses an item at once."""
        return _SIGNS[at] if at < len(_SIGNS) else ""

    def press(self, press: Press) -> Chosen | None:
        """None for a key that means nothing here."""
        last = len(self.items) - 1
        if last < 0:
            return None
        if press.name == "enter" or press.text == " ":
            return Chosen(self, self.items[self.at].name)
        if press.text:
            at = _SIGNS.find(press.text.lower()) if len(press.text) == 1 else -1
            is_known = 0 <= at <= last
            return Chosen(replace(self, at=at), self.items[at].name) if is_known else None
        moves = {
            "up": (self.at - 1) % (last + 1),
            "down": (self.at + 1) % (last + 1),
            "shift tab": (self.at - 1) % (last + 1),
            "tab": (self.at + 1) % (last + 1),
            "left": max(0, self.at - self.deep),
            "right": min(last, self.at + self.deep),
            "home": 0,
            "end": last,
        }
        found = moves.get(press.name)
        return None if found is None else Chosen(replace(self, at=found))

    def draw(self, columns: int) -> Picture:
        wide = columns // self.across
        lines: list[Line] = []
        for row in range(self.deep):
            places = range(row, len(self.items), self.deep)
            lines.append(tuple(span for at in places for span in self._drawn(at, wide)))
        if any(item.about for item in self.items):
            about = wrapped(self.items[self.at].about, columns)[0]
            lines.append((Span(drawable(about)),))
        cursor = (self.at // self.deep * wide, self.at % self.deep) if self.items else None
        return Picture(tuple(lines), cursor, (cursor[1], cursor[1]) if cursor else None)

    def _drawn(self, at: int, wide: int) -> tuple[Span, ...]:
        text = f"{self.sign(at)} {drawable(self.items[at].label)}"[: wide - 1]
        look = Look.MARKED if at == self.at else Look.PLAIN
        return (Span(text, look), Span(" " * (wide - len(text))))
