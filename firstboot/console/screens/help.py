"""The keys, and what each screen is for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

from agent.status import words
from agent.status.words import Row
from agent.typed import Any
from firstboot.console.screen import Screen, Turn
from firstboot.console.widgets.layout import Part
from firstboot.console.widgets.rows import Prose, Rows
from firstboot.console.world import World

_KEYS = (
    Row("Arrows", "move the mark; in a field, the cursor"),
    Row("Enter", "chooses, presses a button, goes on to the next field"),
    Row("Tab", "to the next field or button, Shift-Tab to the one before"),
    Row("Space", "turns a switch, takes the next of a choice"),
    Row("Esc", "back; what was typed and not applied is dropped"),
    Row("1 to 9, 0, a", "choose an item of a menu at once"),
    Row("Ctrl-U", "empties a field"),
    Row("PgUp, PgDn", "scroll"),
    Row("F1", "this help"),
    Row("F5", "draws the screen anew"),
    Row("F10", "ends the login"),
    Row("Alt-F12", "on the machine's own screen: messages of the kernel; Alt-F1 comes back"),
)
_ABOUT: Mapping[str, tuple[str, ...]] = {
    "network": (
        "What is applied is tried first: the node has the new settings beside the old ones for a "
        "minute. Keep makes them last; without it the old ones come back by themselves.",
        "What is wrong stands below its field while you type. Blank fields have a meaning too, "
        "which the line at the bottom says.",
    ),
    "home": (
        "The upper part is live. The page at 'Open this' is offered once it answers.",
        "'Restart now' says whether a restart harms the cluster.",
    ),
}


@dataclass(frozen=True)
class Help(Screen):
    """`about` is the screen that it was asked on."""

    noun: ClassVar[str] = "help"
    title: ClassVar[str] = "Help"
    keys: ClassVar[str] = "Up/Down scroll  Esc back"
    about: str = ""

    def begin(self, given: Mapping[str, Any], _: World, /) -> Turn:
        return Turn(replace(self, about=words.clean(given.get("about"))))

    def parts(self, _: World, /) -> tuple[Part, ...]:
        texts = _ABOUT.get(self.about, ())
        keys = Rows("Keys", _KEYS)
        return (Prose(texts, "About this screen"), keys) if texts else (keys,)
