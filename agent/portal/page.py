"""From the status to what the page says: pure, and content with whatever stands in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agent.portal.health import Health, health
from agent.portal.next_steps import NextSteps, next_steps
from agent.values.json_object import list_of, object_of, rows_of, text_of

_SOON_S = 5
_LATER_S = 30
_GROUP = 4

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
        name=text_of(object_of(status.get("node")).get("name")) or "This node",
        health=word,
        word=_WORDS[word],
        doing=_doing(status, word),
        facts=_facts(status),
        fingerprint=fingerprint_groups(text_of(object_of(status.get("certificate")).get("sha256"))),
        faults=tuple(_fault(row) for row in rows_of(status.get("faults"))),
        fallbacks=tuple(
            (text_of(row.get("category")), text_of(row.get("took")))
            for row in rows_of(status.get("fallbacks"))
        ),
        steps=tuple(_step(row) for row in rows_of(status.get("steps"))),
        cluster_name=text_of(cluster.get("name")),
        members=_members(cluster, text_of(object_of(status.get("node")).get("id"))),
        next=next_steps(status, word),
        refresh_s=_refresh_s(word),
    )


def fingerprint_groups(sha256: str) -> tuple[str, ...]:
    """In groups of four, upper case, as the console shows it."""
    text = sha256.replace(":", "").upper()
    return tuple(text[start : start + _GROUP] for start in range(0, len(text), _GROUP))


def _doing(status: Mapping[str, Any], word: Health) -> str:
    if word is not Health.STARTING:
        return ""
    return text_of(status.get("step")) or text_of(status.get("phase"))


def _facts(status: Mapping[str, Any]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    network = object_of(status.get("network"))
    certificate = object_of(status.get("certificate"))
    rows = (
        ("Addresses", _texts(network.get("addresses"))),
        ("Gateway", _texts(network.get("gateway"))),
        ("Name servers", _texts(network.get("dns"))),
        ("Interface", _texts([network.get("interface"), network.get("mode")])),
        ("Certificate", _texts(certificate.get("source"))),
        ("Certificate holds for", _texts(certificate.get("names"))),
        ("Certificate ends", _texts(certificate.get("not_after"))),
        ("Answers came from", _texts(status.get("source"))),
        ("Version", _texts(status.get("version"))),
    )
    return tuple(row for row in rows if row[1])


def _texts(value: object) -> tuple[str, ...]:
    """One text or many, as a tuple, without blanks."""
    found = [text_of(one) for one in (list_of(value) or [value])]
    return tuple(one for one in found if one)


def _fault(row: Mapping[str, Any]) -> dict[str, str]:
    return {key: text_of(row.get(key)) for key in ("setting", "message", "hint")}


def _step(row: Mapping[str, Any]) -> tuple[str, str, str]:
    seconds = row.get("seconds")
    took = f"{seconds:.1f} s" if isinstance(seconds, int | float) and seconds else ""
    return text_of(row.get("name")), text_of(row.get("state")), took


def _members(cluster: Mapping[str, Any], own_id: str) -> tuple[Member, ...]:
    return tuple(
        Member(
            text_of(row.get("name")),
            text_of(row.get("address")),
            text_of(row.get("state")),
            _seen(row.get("last_seen_s")),
            is_here=own_id != "" and text_of(row.get("id")) == own_id,
        )
        for row in rows_of(cluster.get("members"))
    )


def _seen(seconds: object) -> str:
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        return "not yet"
    if seconds < 60:
        return f"{seconds:.0f} s ago"
    if seconds < 7200:
        return f"{seconds / 60:.0f} min ago"
    return f"{seconds / 3600:.0f} h ago"


def _refresh_s(word: Health) -> int:
    """Often while something happens by itself, rarely while a person is to act."""
    if word in (Health.STARTING, Health.JOINING):
        return _SOON_S
    return 0 if word is Health.READY else _LATER_S
