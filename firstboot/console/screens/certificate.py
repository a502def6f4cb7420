"""The certificate of the web pages: shown, another one pasted, the built-in one again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import ClassVar

from agent.errors import InputRefused
from agent.settings.accept import accept
from agent.settings.declare import Face
from agent.status import words
from agent.status.words import CERTIFICATE
from agent.typed import Any
from agent.values.json_object import list_of
from firstboot.console.screen import (
    Answer,
    Ask,
    Back,
    FormScreen,
    Open,
    Say,
    Turn,
    say_error,
)
from firstboot.console.screens import judged, settings
from firstboot.console.screens.deeds import Deed, DeedScreen
from firstboot.console.widgets.form import Form
from firstboot.console.widgets.layout import Part
from firstboot.console.widgets.menu import Item
from firstboot.console.widgets.rows import Rows
from firstboot.console.world import World

_KEYS = ("tls.certificate", "tls.key")
_DEEDS = (
    Deed(
        Item("install", "Install another one", "A certificate and its key in PEM, pasted here."),
        Open("certificate.install"),
    ),
    Deed(
        Item("reset", "Built-in certificate", "One that this node signs itself."),
        Ask("certificate.reset", {}, "The certificate is changed", 20),
        ("The certificate of the web pages becomes one that this node signs itself.",),
        "The built-in certificate is in force. Compare its fingerprint: 5 Code and addresses.",
    ),
)


@dataclass(frozen=True)
class Certificate(DeedScreen):
    """What is in force, and what can be done about it."""

    noun: ClassVar[str] = "certificate"
    title: ClassVar[str] = "Certificate"

    def deeds(self, _: World, /) -> tuple[Deed, ...]:
        return _DEEDS

    def parts(self, world: World) -> tuple[Part, ...]:
        rows = Rows("In force", world.rows_of(CERTIFICATE))
        return (rows, replace(self.menu(world), title="What now?"))


@dataclass(frozen=True)
class Install(FormScreen):
    """Judged when the button is pressed: half a paste is no certificate."""

    noun: ClassVar[str] = "certificate.install"
    title: ClassVar[str] = "Install a certificate"
    keys: ClassVar[str] = "Tab next  Esc leave  F1 help"
    form: Form = field(default_factory=lambda: settings.form_of(_KEYS, "Certificate and key"))

    def parts(self, _: World, /) -> tuple[Part, ...]:
        return (self.form,)

    def holds(self, _: World, /) -> str:
        return "tls"

    def load(self) -> tuple[Ask, ...]:
        return (settings.LOAD,)

    def judge(self, form: Form, _: World, /) -> Form:
        return replace(form, faults={})

    def button(self, name: str, _: World, /) -> Turn:
        if name != "apply":
            return Turn(self, (Back(),))
        texts = {key: self.form.texts[key] for key in _KEYS}
        found = accept(texts, face=Face.CONSOLE).faults
        faults = {fault.setting: fault.message for fault in found if fault.setting in _KEYS}
        if not any(text.strip() for text in texts.values()):
            faults = dict.fromkeys(_KEYS, "is blank; accepted is PEM, pasted here")
        if faults:
            form = replace(self.form, faults=faults).tried()
            return Turn(replace(self, form=form), (judged.say_faults(form),))
        ask = Ask("certificate.install", {"settings": texts}, "The certificate is changed", 20)
        return Turn(self, (ask,))

    def answered(self, answer: Answer, _: World, /) -> Turn:
        error = answer.error
        if isinstance(error, InputRefused):
            return Turn(self, (judged.say_refused(error, self.form),))
        if error is not None:
            return Turn(self, (say_error(error),))
        if answer.ask.verb == settings.LOAD.verb:
            return Turn(self._loaded(judged.Stored.of(answer.result)))
        return Turn(self, (Back(), _installed(answer.result)))

    def _loaded(self, stored: judged.Stored) -> Install:
        """What was refused, to be mended; the key never comes here."""
        is_refused = "tls" in stored.took
        found = stored.faults if is_refused else ()
        faults = {fault.setting: fault.message for fault in found if fault.setting in _KEYS}
        texts = {key: stored.asked.get(key, "") if is_refused else "" for key in _KEYS}
        form = replace(self.form.filled(texts), faults=faults)
        return replace(self, form=form.tried() if faults else form)


def _installed(said: Mapping[str, Any]) -> Say:
    notices = [words.clean(one) for one in list_of(said.get("notices"))]
    return Say("Installed", ("The web pages are served with it.", *notices))
