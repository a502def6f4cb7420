"""What urwid says of the keyboard, as presses: named keys, and text that was typed or pasted."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from agent.typed import NamedTuple

# A virtual terminal sends ESC and a tab for it.
_ALIASES = {"meta tab": "shift tab"}
NAMED = frozenset(
    {
        "up", "down", "left", "right", "home", "end", "page up", "page down", "insert", "delete",
        "backspace", "tab", "shift tab", "enter", "esc", "ctrl u", "ctrl l",
        *(f"f{number}" for number in range(1, 13)),
    }
)  # fmt: skip
# Nobody types two lines within one reading of the terminal: so many come from a paste.
_PASTED_LINES = 2


class Press(NamedTuple):
    """A key by its name, or else text."""

    name: str = ""
    text: str = ""


def presses(keys: Iterable[object], *, is_pasted: bool = False) -> list[Press]:
    """What came in one reading: runs of text as one, all else by name; what is neither is left out.

    Line ends of a paste belong to its text, or they would press buttons; `is_pasted` where it is
    known that this is the rest of one.
    """
    found = _found(keys)
    if is_pasted or _is_paste(found):
        found = [Press(text="\n") if one.name == "enter" else one for one in found]
    made: list[Press] = []
    for one in found:
        if one.text and made and made[-1].text:
            made[-1] = Press(text=made[-1].text + one.text)
        else:
            made.append(one)
    return made


def is_paste(keys: Iterable[object]) -> bool:
    """By lines that came within one reading."""
    return _is_paste(_found(keys))


def is_text(key: object) -> bool:
    found = _press(key)
    return found is not None and bool(found.text)


def _found(keys: Iterable[object]) -> list[Press]:
    return [one for one in map(_press, keys) if one is not None]


def _is_paste(found: list[Press]) -> bool:
    ends = [at for at, one in enumerate(found) if one.name == "enter" and _is_amid(found, at)]
    return len(ends) >= _PASTED_LINES


def _is_amid(found: list[Press], at: int) -> bool:
    """Between two texts."""
    return 0 < at < len(found) - 1 and bool(found[at - 1].text) and bool(found[at + 1].text)


def _press(key: object) -> Press | None:
    if not isinstance(key, str) or not key:
        return None
    name = _ALIASES.get(key, key)
    if name in NAMED:
        return Press(name)
    if len(key) == 1 and unicodedata.category(key)[0] not in "CZ" or key == " ":
        return Press(text=key)
    return None
