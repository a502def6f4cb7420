"""Keyboard and display: the keymap with a field to try it, and colours of high contrast."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import ClassVar

from agent.typed import Any
from agent.values.keyboard import keymaps
from firstboot.console.keys import Press
from firstboot.console.screen import Switch, Turn, Wear
from firstboot.console.screens import settings
from firstboot.console.screens.settings import SettingsScreen
from firstboot.console.widgets.field import Entry, Field
from firstboot.console.widgets.form import Button, Form
from firstboot.console.world import DISPLAY, World

_OTHER = "other"
CONTRAST, USUAL = "high contrast", "usual"
_KEYBOARD = "node.keyboard"
_MOST_SHOWN = 14
_TEST = Field("test", "Try it here", "Type what is special about your keyboard; nothing is kept.")
_SWITCH = Field(
    "contrast", "High contrast", "White on black throughout; until this screen restarts.",
    Entry.SWITCH,
)  # fmt: skip


def _form() -> Form:
    form = settings.form_of((_KEYBOARD,), "Keyboard and display")
    return replace(form, fields=(*form.fields, _TEST, _SWITCH))


@dataclass(frozen=True)
class Display(SettingsScreen):
    """The keymap is a setting; the colours are this screen's own."""

    noun: ClassVar[str] = DISPLAY
    title: ClassVar[str] = "Keyboard and display"
    form: Form = field(default_factory=_form)

    def holds(self, world: World, /) -> str:
        return "" if world.access.is_first_password else super().holds(world)

    def begin(self, given: Mapping[str, Any], world: World, /) -> Turn:
        """Before the first password nothing else may be asked, and what is accepted is unknown."""
        other = (Button(_OTHER, world.other_face),) if world.other_face else ()
        form = replace(self.form, buttons=(*self.form.buttons, *other))
        made = replace(self, form=self.judge(form, world))
        if world.access.is_first_password:
            return Turn(made)
        return super(Display, made).begin(given, world)

    def button(self, name: str, world: World) -> Turn:
        if name == _OTHER:
            return Turn(self, (Switch(),))
        return super().button(name, world)

    def judge(self, form: Form, world: World) -> Form:
        note = _near(form.find(_KEYBOARD).text)
        noted = form.mapped(lambda one: replace(one, note=note) if one.key == _KEYBOARD else one)
        return super().judge(noted, world)

    def press(self, press: Press, world: World) -> Turn:
        before = self.form.find("contrast").text
        turn = super().press(press, world)
        if not isinstance(turn.screen, Display):
            return turn
        after = turn.screen.form.find("contrast").text
        worn = (Wear(CONTRAST if after else USUAL),) if after != before else ()
        return turn._replace(effects=(*turn.effects, *worn))


def _near(text: str) -> str:
    """The keymaps that begin like this."""
    typed = text.strip().lower()
    found = [name for name in keymaps() if name.lower().startswith(typed)]
    if not found or found == [typed]:
        return ""
    more = f" and {len(found) - _MOST_SHOWN} more" if len(found) > _MOST_SHOWN else ""
    return ", ".join(found[:_MOST_SHOWN]) + more
