"""Changed properties put over what is accepted: each category as a whole, or as it was."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set

from agent.accepted import asked
from agent.accepted.refused import Refused
from agent.errors import Fault
from agent.settings import normal
from agent.settings.accept import ALONE, Acceptance, accept
from agent.settings.declaration import Settings
from agent.settings.declare import Scope
from agent.settings.gather import Given
from agent.typed import Any, NamedTuple

# Refused field by field at first boot, and so here.
_FIELD_BY_FIELD = "node"


class Candidate(NamedTuple):
    """What would hold, with the keys that it takes in. `same` are keys whose value holds already:
    somebody made the same change at the console.
    """

    own: Settings
    acceptance: Acceptance
    taken: frozenset[str] = frozenset()
    same: frozenset[str] = frozenset()


def candidate(
    own: Settings,
    changed: Mapping[str, Given],
    given: Mapping[str, Given],
    refused: Set[str],
    unreadable: Iterable[Fault] = (),
) -> Candidate:
    """`given` is the whole environment: it is taken for a category that stands `refused`, since
    nothing of that was accepted that a change could be put over. What is `unreadable` in it counts
    for the categories that change.
    """
    categories = tuple(dict.fromkeys(_category(key) for key in changed))
    raw = _as_text(own)
    for category in categories:
        whole = category in refused and category != _FIELD_BY_FIELD
        wanted = given if whole else {**changed, **_acts(changed, given)}
        raw = _over(raw, {key: wanted[key].text for key in wanted if _category(key) == category})
    unread = tuple(fault for fault in unreadable if _category(fault.setting) in categories)
    acceptance = _about(categories, accept(raw, unreadable=unread))
    bad = {fault.setting for fault in acceptance.faults}
    made = own
    for category in categories:
        section = _section(own, acceptance, category, bad)
        made = made._replace(**{category: section})
    taken = frozenset(key for key in changed if _is_taken(key, acceptance, bad))
    same = frozenset(key for key in taken if _is_same(key, made, own))
    return Candidate(made, acceptance, taken, same)


def _acts(changed: Mapping[str, Given], given: Mapping[str, Given]) -> dict[str, Given]:
    """An act is done with all that is given for it, whichever of that changed; none is stored."""
    categories = {_category(key) for key, one in changed.items() if one.row.scope is Scope.ACT}
    return {
        key: one
        for key, one in given.items()
        if one.row.scope is Scope.ACT and _category(key) in categories
    }


def remaining(faults: tuple[Fault, ...], taken: Set[str]) -> tuple[Fault, ...]:
    """The faults that first boot kept, without those that are set right by what was taken."""
    whole = {_category(key) for key in taken - ALONE} - {_FIELD_BY_FIELD}
    return tuple(
        fault
        for fault in faults
        if fault.setting not in taken
        and (fault.setting in ALONE or _category(fault.setting) not in whole)
    )


def set_right(told: Refused, taken: Set[str]) -> Refused:
    """The same of all that was kept: fallbacks and texts go with the last of their faults."""
    faults = remaining(told.faults, taken)
    standing = {_category(fault.setting) for fault in faults}
    took = {name: what for name, what in told.took.items() if name in standing}
    return told._replace(faults=faults, took=took, asked=asked.standing(told.asked, faults))


def _about(categories: tuple[str, ...], acceptance: Acceptance) -> Acceptance:
    """What is judged of the others, which were accepted long ago, is not asked here: a certificate
    may have ended since.
    """
    faults = tuple(one for one in acceptance.faults if _category(one.setting) in categories)
    return acceptance._replace(faults=faults)


def _as_text(own: Settings) -> dict[str, str]:
    """All of it, since rules go across categories too."""
    secrets = {key: secret.reveal() for key, secret in normal.secrets_of(own).items()}
    return {**normal.to_text(own), **secrets}


def _over(raw: Mapping[str, str], texts: Mapping[str, str]) -> dict[str, str]:
    """The normal form has the prefix in the address; each of the two may change alone."""
    below = dict(raw)
    address, slash, prefix = below.get("network.address", "").partition("/")
    if slash:
        below |= {"network.address": address, "network.netmask": prefix}
    if "/" in texts.get("network.address", "") and "network.netmask" not in texts:
        _ = below.pop("network.netmask", None)
    return {**below, **texts}


def _section(own: Settings, acceptance: Acceptance, category: str, bad: Set[str]) -> Any:
    old, new = getattr(own, category), getattr(acceptance.settings, category)
    if category != _FIELD_BY_FIELD and category in acceptance.refused:
        return old
    kept = {name: getattr(old, name) for name in old._fields if f"{category}.{name}" in bad}
    return new._replace(**kept)


def _is_taken(key: str, acceptance: Acceptance, bad: Set[str]) -> bool:
    category = _category(key)
    is_whole = category == _FIELD_BY_FIELD or category not in acceptance.refused
    return is_whole and key not in bad


def _is_same(key: str, made: Settings, own: Settings) -> bool:
    """A blank one may have gone into another field, as a netmask goes into the address."""
    category, _, name = key.partition(".")
    new, old = getattr(made, category), getattr(own, category)
    value = getattr(new, name)
    return value == getattr(old, name) and (value is not None or new == old)


def _category(key: str) -> str:
    return key.partition(".")[0]
