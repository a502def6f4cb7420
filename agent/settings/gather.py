"""Which raw answer belongs to which setting: aliases, quotes, unset ones, unknown ones."""

from __future__ import annotations

from collections.abc import Mapping

from agent.errors import Fault
from agent.settings.declaration import Declaration
from agent.settings.declare import Row
from agent.typed import NamedTuple
from agent.values.words import is_unset, items_of, without_quotes

# A file or an environment full of keys of others costs neither time nor pages of remarks.
_MOST_UNKNOWN = 50
_LONGEST_NAME = 60
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
    unknown: list[str] = []
    for name, text in raw.items():
        if is_unset(text):
            continue
        row = declaration.find(name)
        if row is not None:
            _note_given(found, Given(row, text, name))
        elif strict or name.partition(".")[0] in declaration.categories:
            unknown.append(name)
    for name in unknown[:_MOST_UNKNOWN]:
        _note_unknown(found, name, declaration, strict=strict)
    _note_others(found, unknown[_MOST_UNKNOWN:], declaration, strict=strict)
    return found


def _note_others(
    found: Gathered, names: list[str], declaration: Declaration, *, strict: bool
) -> None:
    """What more there is, counted by category, since a fault refuses its own."""
    classes = [name.partition(".")[0] for name in names]
    known = [one if one in declaration.categories else "" for one in classes]
    for category in dict.fromkeys(known):
        setting = f"{category}.*" if category else "*"
        told = f"{known.count(category)} more keys are not settings"
        if strict:
            found.faults.append(Fault(setting, told, code="unknown"))
        else:
            found.notices.append(f"{setting}: {told} and were passed over")


def _note_unknown(found: Gathered, name: str, declaration: Declaration, *, strict: bool) -> None:
    shown = name if len(name) <= _LONGEST_NAME else f"{name[:_LONGEST_NAME]}…"
    shown = shown if shown.isprintable() else ascii(shown)
    near = declaration.nearest(name) if len(name) <= _LONGEST_NAME else None
    meant = f"; did you mean {near}?" if near else ""
    if strict:
        found.faults.append(Fault(shown, f"is not a setting{meant}", code="unknown"))
    else:
        found.notices.append(f"{shown} is not a setting and was passed over{meant}")


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
    text = _bare(given.text, is_list=given.row.kind.is_list)
    if text != given.text:
        found.notices.append(f"{given.row.key}: the quotes around the value were taken off")
    return Given(given.row, text, given.name)


def _bare(text: str, *, is_list: bool) -> str:
    """Without the quotes around it, or around each item of a list."""
    items = items_of(text) if is_list else []
    bare = [without_quotes(item) for item in items]
    return without_quotes(text) if bare == items else ", ".join(bare)
