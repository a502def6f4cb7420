"""Which raw answer belongs to which setting: aliases, quotes, unset ones, unknown ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from agent.errors import Fault
from agent.settings.declaration import Declaration
from agent.settings.declare import Row
from agent.values.words import is_unset, without_quotes

_ROOT_PASSWORDS = ("guestinfo.root_password", "appliance.root_pwd")


# Named tuples here and in checks.py: a frozen dataclass takes seven times as long to be made, and
# all of this is loaded by every boot.
class Given(NamedTuple):
    """One answer as text; `name` is the key that it came under, an alias perhaps."""

    row: Row
    text: str
    name: str


class Gathered(NamedTuple):
    """The set answers by the settings' own keys, and what is to be said about the others."""

    given: dict[str, Given]
    faults: list[Fault]
    notices: list[str]


def gather(raw: Mapping[str, str], declaration: Declaration, *, strict: bool) -> Gathered:
    found = Gathered({}, [], [])
    for name, text in raw.items():
        row = declaration.find(name)
        if is_unset(text):
            continue
        if row is None:
            _note_unknown(found, name, declaration, strict=strict)
        else:
            _note_given(found, Given(row, text, name))
    return found


def _note_unknown(found: Gathered, name: str, declaration: Declaration, *, strict: bool) -> None:
    near = declaration.nearest(name)
    meant = f"; did you mean {near}?" if near else ""
    if strict:
        shown = name if name.isprintable() else ascii(name)
        found.faults.append(Fault(shown, f"is not a setting{meant}", code="unknown"))
    elif name.partition(".")[0] in declaration.categories:
        found.notices.append(f"{name} is not a setting and was passed over{meant}")


def _note_given(found: Gathered, given: Given) -> None:
    key = given.row.key
    if given.name != key:
        found.notices.append(f"{given.name} was taken as {key}{_root_remark(given.name)}")
    given = _without_quotes(found, given)
    if is_unset(given.text):
        return
    other = found.given.get(key)
    if other is not None and other.text.strip() != given.text.strip():
        kept = other if other.name == key else given
        found.notices.append(
            f"{key} was given as {other.name} and as {given.name}; {kept.name} was taken"
        )
        given = kept
    found.given[key] = given


def _root_remark(name: str) -> str:
    is_for_root = name in _ROOT_PASSWORDS
    return "; root has no password here, the account is admin" if is_for_root else ""


def _without_quotes(found: Gathered, given: Given) -> Given:
    if given.row.is_secret:
        return given
    text = without_quotes(given.text)
    if text != given.text:
        found.notices.append(f"{given.row.key}: the quotes around the value were taken off")
    return Given(given.row, text, given.name)
