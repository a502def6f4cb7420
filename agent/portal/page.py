"""From the status to what the page says: pure, and content with whatever stands in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite

from agent.portal.health import Health, health
from agent.portal.next_steps import NextSteps, next_steps
from agent.status.words import ago, clean, told_steps
from agent.typed import Any
from agent.values.json_object import list_of, object_of, rows_of

_SOON_S = 5
_LATER_S = 30
_GROUP = 4
_SHOWN_S = 0.05

_WORDS = {
    Health.STARTING: "Setting itself up",
    Health.SETUP: "Ready to be claimed",
    Health.JOINING: "Joining its cluster",
    Health.READY: "Ready",
    Health.DEGRADED: "Needs attention",
}


@dataclass(frozen=True)
class Member:
    """A row of the table of members; `seen` is words."""

    name: str
    address: str
    state: str
    seen: str
    is_here: bool


@dataclass(frozen=True)
class Page:
    """Everything that the template shows; `refresh_s` is 0 for a page that stays as it is."""

    name: str
    health: Health
    word: str
    doing: str
    facts: tuple[tuple[str, tuple[str, ...]], ...]
    fingerprint: tuple[str, ...]
    faults: tuple[dict[str, str], ...]
    fallbacks: tuple[tuple[str, str], ...]
    steps: tuple[tuple[str, str, str], ...]
    cluster_name: str
    members: tuple[Member, ...]
    next: NextSteps
    refresh_s: int


def page(status: Mapping[str, Any]) -> Page:
    """The page of one node, from its merged status."""
    cluster = object_of(status.get("cluster"))
    word = health(status)
    return Page(
        name=clean(object_of(status.get("node")).get("name")) or "This node",
        health=word,
        word=_word(status, word),
        doing=_doing(status, word),
        facts=_facts(status),
        fingerprint=fingerprint_groups(clean(object_of(status.get("certificate")).get("sha256"))),
        faults=tuple(_fault(row) for row in rows_of(status.get("faults"))),
        fallbacks=tuple(
            (clean(row.get("category")), clean(row.get("took")))
            for row in rows_of(status.get("fallbacks"))
        ),
        steps=tuple(_step(row) for row in told_steps(status)),
        cluster_name=clean(cluster.get("name")),
        members=_members(cluster, clean(object_of(status.get("node")).get("id"))),
        next=next_steps(status, word),
        refresh_s=_refresh_s(word),
    )


def _word(status: Mapping[str, Any], word: Health) -> str:
    if word is Health.SETUP and rows_of(status.get("faults")):
        return f"{_WORDS[word]}, but not as asked for"
    return _WORDS[word]


def fingerprint_groups(sha256: str) -> tuple[str, ...]:
    """In groups of four, upper case, as the console shows it."""
    text = sha256.replace(":", "").upper()
    return tuple(text[start : start + _GROUP] for start in range(0, len(text), _GROUP))


def _doing(status: Mapping[str, Any], word: Health) -> str:
    if word is not Health.STARTING:
        return ""
    return clean(status.get("step")) or clean(status.get("phase"))


def _facts(status: Mapping[str, Any]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    network = object_of(status.get("network"))
    certificate = object_of(status.get("certificate"))
    interface = ", ".join(_texts([network.get("interface"), network.get("mode")]))
    rows = (
        ("Addresses", _texts(network.get("addresses"))),
        ("Gateway", _texts(network.get("gateway"))),
        ("Name servers", _texts(network.get("dns"))),
        ("Interface", _texts(interface)),
        ("Certificate", _texts(certificate.get("source"))),
        ("Certificate holds for", _texts(certificate.get("names"))),
        ("Certificate ends", _texts(certificate.get("not_after"))),
        ("Answers came from", _texts(status.get("source"))),
        ("Version", _texts(status.get("version"))),
    )
    return tuple(row for row in rows if row[1])


def _texts(value: object) -> tuple[str, ...]:
    """One text or many, as a tuple, without blanks."""
    found = [clean(one) for one in (list_of(value) or [value])]
    return tuple(one for one in found if one)


def _fault(row: Mapping[str, Any]) -> dict[str, str]:
    return {key: clean(row.get(key)) for key in ("setting", "message", "hint")}


def _step(row: Mapping[str, Any]) -> tuple[str, str, str]:
    seconds = row.get("seconds")
    is_told = isinstance(seconds, int | float) and seconds >= _SHOWN_S
    return clean(row.get("name")), clean(row.get("state")), f"{seconds:.1f} s" if is_told else ""


def _members(cluster: Mapping[str, Any], own_id: str) -> tuple[Member, ...]:
    return tuple(
        Member(
            clean(row.get("name")),
            clean(row.get("address")),
            clean(row.get("state")),
            _seen(row.get("last_seen_s")),
            is_here=own_id != "" and clean(row.get("id")) == own_id,
        )
        for row in rows_of(cluster.get("members"))
    )


def _seen(seconds: object) -> str:
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not isfinite(seconds):
        return "not yet"
    return f"{ago(seconds)} ago"


def _refresh_s(word: Health) -> int:
    """Often while something happens by itself, rarely while a person is to act."""
    if word in (Health.STARTING, Health.JOINING):
        return _SOON_S
    return 0 if word is Health.READY else _LATER_S
