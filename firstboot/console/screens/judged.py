"""Forms of settings: fields from the declaration, faults from the one validator."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from agent.errors import Fault, InputRefused
from agent.settings.accept import ALONE, accept
from agent.settings.declare import Face, Row
from agent.status import words
from agent.typed import Any, NamedTuple
from agent.values.json_object import list_of, object_of, rows_of, text_of
from firstboot.console.screen import Say
from firstboot.console.widgets.field import Choice, Entry, Field
from firstboot.console.widgets.form import Form

# By key: the text that was refused, and why.
Refused = Mapping[str, tuple[str, str]]

_MISSING = "missing"
_MOST_CHOICES = 4


class Stored(NamedTuple):
    """What the verb `settings` says."""

    accepted: Mapping[str, str]
    asked: Mapping[str, str]
    secrets: tuple[str, ...]
    faults: tuple[Fault, ...]
    took: Mapping[str, str]
    is_member: bool

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> Stored:
        return cls(
            accepted=_texts(said.get("accepted")),
            asked=_texts(said.get("asked")),
            secrets=tuple(text_of(one) for one in list_of(said.get("secrets"))),
            faults=tuple(_fault(row) for row in rows_of(said.get("faults"))),
            took=_texts(said.get("took")),
            is_member=said.get("membership") == "member",
        )

    def wanted(self, category: str) -> dict[str, str]:
        """The texts for a form: what was asked and refused stands in it, to be mended."""
        prefix = f"{category}."
        bad = {fault.setting for fault in self.faults}
        is_whole = category in self.took
        former = {key: text for key, text in self.accepted.items() if not is_whole or key in ALONE}
        mended = {key: text for key, text in self.asked.items() if is_whole or key in bad}
        texts = {**former, **mended}
        return {key: text for key, text in texts.items() if key.startswith(prefix)}


def refused_of(stored: Stored, texts: Mapping[str, str]) -> Refused:
    """The faults that the validator does not find by itself stand beside the texts refused."""
    return {
        fault.setting: (texts[fault.setting], fault.message)
        for fault in stored.faults
        if fault.setting in texts
    }


def field_of(row: Row) -> Field:
    """As its kind is filled in."""
    choices = _choices(row)
    unset = f"{'By default' if choices else 'Blank'}: {row.default_text.replace('`', '')}."
    accepted = "" if choices else f"Accepted: {row.kind.accepts}."
    told = " ".join(one for one in (row.help, accepted, unset if row.default_text else "") if one)
    return Field(row.key, row.label, told, _entry(row), choices=choices, is_secret=row.is_secret)


def _entry(row: Row) -> Entry:
    if row.kind.multiline:
        return Entry.AREA
    if row.is_secret:
        return Entry.MASKED
    return Entry.CHOICE if _choices(row) else Entry.TEXT


def _choices(row: Row) -> tuple[Choice, ...]:
    if row.kind.name == "boolean":
        return (Choice("", "as by default"), Choice("True", "on"), Choice("False", "off"))
    if not 0 < len(row.kind.choices) <= _MOST_CHOICES:
        return ()
    return (Choice("", "as by default"), *(Choice(one, one) for one in row.kind.choices))


def faults(
    texts: Mapping[str, str], prefix: str, *, is_member: bool
) -> tuple[dict[str, str], frozenset[str]]:
    """What the one validator says of these, by key; and which of them only say what is missing."""
    found = accept(texts, face=Face.CONSOLE, is_member=is_member).faults
    ours = [fault for fault in found if fault.setting.startswith(prefix)]
    missing = frozenset(fault.setting for fault in ours if fault.code == _MISSING)
    return {fault.setting: fault.message for fault in ours}, missing


def with_faults(
    form: Form, found: Mapping[str, str], missing: frozenset[str], refused: Refused
) -> Form:
    """Also what was said of a text for as long as it stands there."""
    texts = form.texts
    still = {key: why for key, (text, why) in refused.items() if texts.get(key) == text}
    keys = {one.key for one in form.visible}
    told = {key: why for key, why in {**still, **found}.items() if key in keys}
    return replace(form, faults=told, missing=missing)


def say_faults(form: Form) -> Say:
    """Of what keeps it from being applied; the sentences stand beside the fields too."""
    labels = {one.key: one.label for one in form.fields}
    texts = [f"{labels.get(key, key)}: {why}" for key, why in form.faults.items()]
    return Say("Not applied: this is to be mended first", tuple(texts))


def say_refused(error: InputRefused, form: Form) -> Say:
    labels = {one.key: one.label for one in form.fields}
    texts = [
        f"{labels.get(fault.setting, words.clean(fault.setting))}: {words.clean(fault.message)}"
        for fault in error.faults
    ]
    hints = [f"What to do: {words.clean(fault.hint)}" for fault in error.faults if fault.hint]
    return Say("Refused; what was in force stays", (*texts, *hints[:2]))


def faults_of(status: Mapping[str, Any]) -> list[dict[str, Any]]:
    return rows_of(status.get("faults"))


def _texts(value: object) -> dict[str, str]:
    return {key: text_of(text) for key, text in object_of(value).items()}


def _fault(row: Mapping[str, Any]) -> Fault:
    texts = [words.clean(row.get(key)) for key in ("setting", "message", "hint", "code")]
    return Fault(*texts)
