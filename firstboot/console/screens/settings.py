"""A form of settings that the verb node-set takes: loaded, judged, shown as changes, applied."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import ClassVar

from agent.errors import InputRefused
from agent.settings.declaration import CORE
from agent.settings.declare import Row
from agent.settings.secret import MASK
from agent.status import words
from agent.typed import Any
from agent.values.json_object import list_of, rows_of
from firstboot.console.screen import (
    CANCEL,
    Answer,
    Ask,
    Back,
    FormScreen,
    Say,
    Turn,
    say_error,
    show_switch,
)
from firstboot.console.screens import judged
from firstboot.console.widgets.field import Entry, Field
from firstboot.console.widgets.form import Button, Form
from firstboot.console.widgets.layout import Part
from firstboot.console.world import World

BUTTONS = (Button("apply", "Apply"), Button("back", "Back"))
LOAD = Ask("settings", {}, "The accepted settings are read", 5, is_loading=True)
# What unsets a secret, which a blank field leaves as it is.
_UNSET = "-"
# The node would have nobody left who may log in.
_NEVER_UNSET = frozenset({"node.admin_password"})
# To read these costs a library that nothing else here needs; apply judges them.
_NOT_READ_HERE = frozenset({"certificates", "private-key"})


def form_of(keys: tuple[str, ...], title: str) -> Form:
    """The settings of these keys; a switch shows secrets where there are any."""
    rows = [row for row in CORE.rows if row.key in keys]
    fields = [judged.field_of(row) for row in rows]
    if any(one.is_secret for one in fields):
        fields.append(show_switch())
    return Form(tuple(fields), BUTTONS, title=title)


@dataclass(frozen=True)
class SettingsScreen(FormScreen):
    """`stored` is None until apply told; `refused` is what it said of texts since."""

    title: ClassVar[str] = "Settings"
    stored: judged.Stored | None = None
    refused: judged.Refused = field(default_factory=dict[str, tuple[str, str]])

    def holds(self, _: World, /) -> str:
        """That of its first setting; none has some of two."""
        return next(iter(_settings(self.form)), "").partition(".")[0]

    def load(self) -> tuple[Ask, ...]:
        return (LOAD,)

    def parts(self, _: World, /) -> tuple[Part, ...]:
        return (self.form,)

    def judge(self, form: Form, _: World, /) -> Form:
        texts = {
            key: "" if self._is_unset(key, text) else text
            for key, text in _settings(form).items()
            if _is_read_here(key)
        }
        is_member = self.stored is not None and self.stored.is_member
        faults, missing = judged.faults(texts, "", is_member=is_member)
        found = {**faults, **self._concealed(form), **self.own_faults(form)}
        return judged.with_faults(form, found, missing, self.refused)

    def _concealed(self, form: Form) -> Mapping[str, str]:
        """What came with its credentials left out is kept as it is, or typed anew whole."""
        return {
            key: f"holds {MASK} in place of the credentials; accepted is the whole text, typed anew"
            for key, text in _settings(form).items()
            if MASK in text and text != self._accepted.get(key)
        }

    def own_faults(self, _: Form, /) -> Mapping[str, str]:
        """What the validator cannot know, such as a password typed twice."""
        return {}

    def answered(self, answer: Answer, world: World) -> Turn:
        verb, error = answer.ask.verb, answer.error
        if verb == "settings" and error is None:
            return Turn(self.loaded(judged.Stored.of(answer.result), world))
        if isinstance(error, InputRefused):
            made = self._with_refused(error, world)
            return Turn(made, (judged.say_refused(error, self.form),))
        if error is not None:
            return Turn(self, (say_error(error),))
        return Turn(self, (Back(), _in_force(answer.result)))

    def confirmed(self, _name: str, _world: World, /) -> Turn:
        return Turn(self, (self.ask(),))

    def ask(self) -> Ask:
        return Ask(
            "node-set", {"settings": self.changes()}, "The settings are brought in force", 20
        )

    def button(self, name: str, world: World) -> Turn:
        if name != "apply":
            return self.leave(world)
        form = self.judge(self.form, world)
        if form.faults:
            return Turn(replace(self, form=form.tried()), (judged.say_faults(form),))
        if not self.changes():
            return Turn(self, (Say("Nothing to apply", ("Nothing differs from what holds.",)),))
        buttons = (Button("do", "Apply"), CANCEL)
        return Turn(self, (Say("Apply these changes?", self.told_changes(), Form((), buttons)),))

    def leave(self, _: World, /) -> Turn:
        if self.stored is None or not self.changes():
            return Turn(self, (Back(),))
        buttons = (Button("", "Stay"), Button("leave", "Drop it"))
        texts = ("What was typed is not applied yet.",)
        return Turn(self, (Say("Leave this form?", texts, Form((), buttons)),))

    def changes(self) -> dict[str, str]:
        """What is to be asked for, by key; a secret only where one was typed."""
        accepted = self._accepted
        changed: dict[str, str] = {}
        for key, text in _settings(self.form).items():
            if self._is_kept_back(key):
                changed |= {key: "" if self._is_unset(key, text) else text} if text else {}
            elif text.strip() != accepted.get(key, "").strip():
                changed[key] = text.strip()
        return changed

    def told_changes(self) -> tuple[str, ...]:
        accepted = self._accepted
        return tuple(
            f"{one.label}: {self._old(one, accepted)} -> {self._new(one, changed)}"
            for key, changed in self.changes().items()
            for one in (self.form.find(key),)
        )

    def loaded(self, stored: judged.Stored, world: World) -> SettingsScreen:
        keys = _settings(self.form)
        wanted = {
            key: text
            for category in dict.fromkeys(key.partition(".")[0] for key in keys)
            for key, text in stored.wanted(category).items()
        }
        unseen = [one.key for one in self.form.fields if one.entry is Entry.MASKED]
        texts = {**dict.fromkeys(unseen, ""), **{key: wanted.get(key, "") for key in keys}}
        made = replace(self, stored=stored, refused=judged.refused_of(stored, wanted))
        noted = self.form.filled(texts).mapped(
            lambda one: replace(one, note=_note(one, stored) if one.is_secret else "")
        )
        form = made.judge(noted, world)
        return replace(made, form=form.tried() if form.faults else form)

    @property
    def _accepted(self) -> Mapping[str, str]:
        return self.stored.accepted if self.stored is not None else dict[str, str]()

    def _is_kept_back(self, key: str) -> bool:
        """Whether its text is a secret, which never comes here."""
        return self.form.find(key).is_secret

    def _is_unset(self, key: str, text: str) -> bool:
        return text == _UNSET and self._is_kept_back(key) and key not in _NEVER_UNSET

    def _old(self, one: Field, accepted: Mapping[str, str]) -> str:
        if self._is_kept_back(one.key):
            is_set = self.stored is not None and one.key in self.stored.secrets
            return MASK if is_set else "not set"
        return _short(one, accepted.get(one.key, ""))

    def _new(self, one: Field, text: str) -> str:
        return MASK if text and self._is_kept_back(one.key) else _short(one, text)

    def _with_refused(self, error: InputRefused, world: World) -> SettingsScreen:
        texts = self.form.texts
        refused = {
            fault.setting: (texts.get(fault.setting, ""), fault.message) for fault in error.faults
        }
        made = replace(self, refused=refused)
        return replace(made, form=made.judge(self.form, world).tried())


def _note(one: Field, stored: judged.Stored) -> str:
    """Of a secret, which itself never comes here."""
    why = next((fault.message for fault in stored.faults if fault.setting == one.key), "")
    refused = f"what was asked was refused: {why}" if why else ""
    alone = "" if one.key in _NEVER_UNSET else f", {_UNSET} alone takes it away"
    is_set = f"is set; blank leaves it{alone}" if one.key in stored.secrets else ""
    return "; ".join(filter(None, (refused, is_set)))


def _settings(form: Form) -> dict[str, str]:
    return {key: text for key, text in form.texts.items() if CORE.find(key) is not None}


def _is_read_here(key: str) -> bool:
    row: Row | None = CORE.find(key)
    return row is not None and row.kind.name not in _NOT_READ_HERE


def _short(one: Field, text: str) -> str:
    if one.entry is Entry.AREA and text:
        lines = len(text.splitlines())
        return f"{lines} line{'' if lines == 1 else 's'}"
    return one.said(text)


def _in_force(said: Mapping[str, Any]) -> Say:
    faults = [words.clean(row.get("message")) for row in rows_of(said.get("faults"))]
    notices = [words.clean(one) for one in list_of(said.get("notices"))]
    text = "It is in force." if said.get("changed") is not False else "It was so already."
    return Say("Applied" if not faults else "Applied, with problems", (text, *faults, *notices))
