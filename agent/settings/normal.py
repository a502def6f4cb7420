"""Settings as text in their normal form, and back; and raw answers made fit to be shown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from agent.errors import Fault, InputRefused
from agent.settings.declaration import CORE, SECTIONS, Declaration, Settings
from agent.settings.declare import Row, Scope
from agent.settings.secret import MASK, Secret
from agent.typed import Any
from agent.values.words import concealed, is_private_key

_SUSPICIOUS = ("pass", "pwd", "secret", "token", "key", "credential", "user-data")


def to_text(settings: Settings, *, declaration: Declaration = CORE) -> dict[str, str]:
    """The set keys in normal form, without secrets and acts; what has its default is left out."""
    return {
        row.key: row.kind.format(value)
        for row, value in _set_values(settings, declaration)
        if not isinstance(value, Secret)
    }


def secrets_of(settings: Settings, *, declaration: Declaration = CORE) -> dict[str, Secret]:
    """The keys that are set to a secret, without acts: declared as one, or a value that is one."""
    return {
        row.key: value
        for row, value in _set_values(settings, declaration)
        if isinstance(value, Secret)
    }


def _set_values(settings: Settings, declaration: Declaration) -> Iterator[tuple[Row, Any]]:
    for row in declaration.rows:
        if row.category not in SECTIONS or row.scope is Scope.ACT:
            continue
        value = getattr(getattr(settings, row.category), row.name)
        if value != row.default:
            yield row, value


def from_text(texts: Mapping[str, str | Secret], *, declaration: Declaration = CORE) -> Settings:
    """Settings out of their normal form; raises InputRefused naming what cannot be read.

    Each text is read by its kind alone: what was accepted once is not judged again.
    """
    return overlay(Settings(), texts, declaration=declaration)


def overlay(
    settings: Settings, texts: Mapping[str, str | Secret], *, declaration: Declaration = CORE
) -> Settings:
    """The settings with these put over them; raises InputRefused as `from_text` does."""
    values: dict[str, dict[str, Any]] = {}
    faults: list[Fault] = []
    for key, text in texts.items():
        row = declaration.find(key)
        if row is None:
            faults.append(Fault(key, "is not a setting", code="unknown"))
            continue
        try:
            values.setdefault(row.category, {})[row.name] = _read(row, text)
        except ValueError as error:
            faults.append(Fault(key, f"the stored value {error}"))
    if faults:
        raise InputRefused(tuple(faults))
    sections = {
        category: getattr(settings, category)._replace(**fields)
        for category, fields in values.items()
    }
    return settings._replace(**sections)


def _read(row: Row, text: str | Secret) -> Any:
    clear = text.reveal() if isinstance(text, Secret) else text
    value = row.kind.parse(clear)
    return Secret(value) if row.is_secret else value


def redact(raw: Mapping[str, str], *, declaration: Declaration = CORE) -> dict[str, str]:
    """Raw answers with a mask in place of everything secret, or that may be."""
    return {key: _redacted(key, text, declaration) for key, text in raw.items()}


def _redacted(key: str, text: str, declaration: Declaration) -> str:
    if _may_be_secret(key, text, declaration):
        return MASK
    row = declaration.find(key)
    may_have_credentials = "://" in text if row is None else row.kind.has_credentials
    return concealed(text) if may_have_credentials else text


def _may_be_secret(key: str, text: str, declaration: Declaration) -> bool:
    row = declaration.find(key)
    if row is None:
        return any(word in key.lower() for word in _SUSPICIOUS) or is_private_key(text)
    return row.is_secret or is_private_key(text)
