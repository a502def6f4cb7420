"""Name and account: what the node is called, and who may enter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import ClassVar

from agent.status.words import Row, Tone, clean
from agent.typed import Any
from firstboot.console.screen import Answer, Ask, Back, Open, Turn
from firstboot.console.screens import settings
from firstboot.console.screens.settings import SettingsScreen
from firstboot.console.widgets.field import Entry, Field
from firstboot.console.widgets.form import Button, Form
from firstboot.console.widgets.layout import Part
from firstboot.console.widgets.rows import Rows
from firstboot.console.world import DISPLAY, LOGIN, World

_PASSWORD = "node.admin_password"  # noqa: S105 - the key of a setting
_AGAIN = "again"
_KEYS = ("node.name", _PASSWORD, "node.ssh", "node.ssh_keys")
_SECOND = Field(_AGAIN, "The same again", "Since nobody sees what is typed.", Entry.MASKED)
_LABELS = {_PASSWORD: "Password of admin"}


def _form(keys: tuple[str, ...], title: str) -> Form:
    form = settings.form_of(keys, title)
    keyboard = Button(DISPLAY, "Keyboard")
    fields: list[Field] = []
    for one in form.fields:
        fields.append(replace(one, label=_LABELS.get(one.key, one.label)))
        fields += [_SECOND] if one.key == _PASSWORD else []
    return replace(form, fields=_with_show(fields), buttons=(*form.buttons, keyboard))


def _with_show(fields: list[Field]) -> tuple[Field, ...]:
    """The switch right below what it shows."""
    switch = fields.pop()
    at = next(at for at, one in enumerate(fields) if one.key == _AGAIN)
    return (*fields[: at + 1], switch, *fields[at + 1 :])


@dataclass(frozen=True)
class NodeScreen(SettingsScreen):
    """The password is typed twice, and never shown unless that is switched on."""

    noun: ClassVar[str] = "node"
    title: ClassVar[str] = "Name and account"
    form: Form = field(default_factory=lambda: _form(_KEYS, "Name and account"))

    def parts(self, world: World) -> tuple[Part, ...]:
        if not world.access.wants_password:
            return (self.form,)
        told = Row("First of all", "the administrator's password is to be set", Tone.BAD)
        return (Rows("This node was set up without a password", (told,)), self.form)

    def own_faults(self, form: Form, /) -> Mapping[str, str]:
        texts = form.texts
        if texts[_PASSWORD] == texts[_AGAIN] or not (texts[_AGAIN] or form.is_tried):
            return {}
        return {_AGAIN: "is not the same as above"}

    def button(self, name: str, world: World) -> Turn:
        """Who presses the button has typed all there is to type, on the right keyboard."""
        if name == DISPLAY:
            return Turn(self, (Open(DISPLAY),))
        return super(NodeScreen, replace(self, form=replace(self.form, is_tried=True))).button(
            name, world
        )


@dataclass(frozen=True)
class PasswordScreen(NodeScreen):
    """The password alone: the administrator is given a new one. `then` is the screen that was
    wanted, and comes after it and a login.
    """

    noun: ClassVar[str] = "password"
    title: ClassVar[str] = "New password"
    then: str = ""
    form: Form = field(default_factory=lambda: _form((_PASSWORD,), "The administrator admin"))

    def holds(self, world: World, /) -> str:
        """Who sets the first one may ask for that alone."""
        return "" if world.access.is_first_password else super().holds(world)

    def load(self) -> tuple[Ask, ...]:
        """Nothing, for the same reason."""
        return ()

    def begin(self, given: Mapping[str, Any], world: World, /) -> Turn:
        return replace(self, then=clean(given.get("then")))._begun(given, world)

    def answered(self, answer: Answer, world: World) -> Turn:
        turn = super().answered(answer, world)
        if answer.error is not None or not self.then:
            return turn
        on = Open(LOGIN, {"then": self.then}, is_instead=True)
        return Turn(turn.screen, (on, *(one for one in turn.effects if not isinstance(one, Back))))

    def _begun(self, given: Mapping[str, Any], world: World) -> Turn:
        return super().begin(given, world)
