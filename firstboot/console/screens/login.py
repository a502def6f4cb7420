"""The node administrator's password, before the menu of a claimed node."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

from agent.status import words
from agent.typed import Any
from firstboot.console.keys import Press
from firstboot.console.screen import (
    Answer,
    Ask,
    Back,
    FormScreen,
    Open,
    Turn,
    show_switch,
)
from firstboot.console.widgets.field import Entry, Field
from firstboot.console.widgets.form import Button, Form
from firstboot.console.widgets.layout import Part
from firstboot.console.widgets.rows import Prose
from firstboot.console.world import World

_PASSWORD = Field(
    "password",
    "Password",
    "Of the account admin of this node. After ten minutes without a key it is asked again.",
    Entry.MASKED,
)
_BUTTONS = (Button("login", "Log in"), Button("back", "Back"))
_LOST = (
    "Who lost it restarts the node and picks Bandstand recovery in the boot menu.",
    "The keyboard's layout matters: switch on Show what I type to see what arrives.",
)


@dataclass(frozen=True)
class Login(FormScreen):
    """`then` is the screen that was wanted; without one it lies above the screen that goes on."""

    noun: ClassVar[str] = "login"
    title: ClassVar[str] = "Log in"
    then: str = ""
    form: Form = Form((_PASSWORD, show_switch()), _BUTTONS, title="The administrator's password")

    def begin(self, given: Mapping[str, Any], _: World, /) -> Turn:
        return Turn(replace(self, then=words.clean(given.get("then"))))

    def parts(self, world: World) -> tuple[Part, ...]:
        locked_s = world.access.locked_for_s
        closed = f"Closed for {words.ago(locked_s)} after wrong passwords." if locked_s else ""
        why = "" if self.then else "The login ended; what was typed below is still there."
        texts = tuple(text for text in (why, closed, *_LOST) if text)
        return (self.form, Prose(texts, "Worth knowing"))

    def judge(self, form: Form, _: World, /) -> Form:
        """What was wrong is said until another password is typed."""
        return replace(form, faults={})

    def press(self, press: Press, world: World) -> Turn:
        """Who typed it does not look for the button."""
        marked = self.form.marked
        if press.name == "enter" and marked is not None and marked.key == _PASSWORD.key:
            return self.button("login", world)
        return super().press(press, world)

    def button(self, name: str, _: World, /) -> Turn:
        if name != "login":
            return Turn(self, (Back(),))
        password = self.form.find("password").text
        if not password:
            return Turn(self._with_fault("is asked for; nothing was typed"))
        made = replace(self, form=self.form.filled({"password": ""}))
        return Turn(made, (Ask("login", {"password": password}, "The password is checked"),))

    def answered(self, answer: Answer, _: World, /) -> Turn:
        if answer.error is None:
            then = (Open(self.then, is_instead=True),) if self.then else (Back(),)
            return Turn(self, then)
        return Turn(self._with_fault(words.clean(answer.error.message)))

    def _with_fault(self, sentence: str) -> Login:
        form = replace(self.form, at=0, faults={"password": sentence})
        return replace(self, form=form)
