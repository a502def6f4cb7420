"""A status in words, as every face says it: rows of a label, a text and a tone."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from agent.status.model import Phase, State
from agent.typed import Any
from agent.values.json_object import list_of, object_of, rows_of, text_of


class Tone(StrEnum):
    """How a row is meant; a face may colour by it, the words say it already."""

    PLAIN = "plain"
    GOOD = "good"
    BUSY = "busy"
    BAD = "bad"


@dataclass(frozen=True)
class Row:
    """One line; a row without a label goes on with the one above."""

    label: str
    text: str
    tone: Tone = Tone.PLAIN


_TONES: dict[str, Tone] = {
    State.WORKING: Tone.BUSY,
    State.WAITING: Tone.BUSY,
    State.READY: Tone.GOOD,
    State.DEGRADED: Tone.BAD,
    State.FAULT: Tone.BAD,
}
_SOURCES = {"dhcp": "DHCP", "static": "static", "link": "link-local", "ra": "router"}
OPEN = "Open this"
TIME = "Time"
CERTIFICATE = "Certificate"

_CUT = ("down", "missing")
_GOOD_STEPS, _BAD_STEPS = ("done", "skipped"), ("failed", "undone")
# The faults of these steps name a setting of the same category.
_TOLD_AS_NAMED = frozenset({"network", "tls"})
_LONGEST = 400
_HEX_GROUP = 4
_SHOWN_S = 0.05
_MINUTE_S, _HOUR_S, _DAY_S = 60, 3600, 86400


def node(status: Mapping[str, Any], now: datetime) -> tuple[Row, ...]:
    """What a person at the machine wants first: state, address, where to go."""
    return (
        state(status, now),
        *network(status),
        *clock(object_of(status.get("time"))),
        *trial(object_of(status.get("trial")), now),
        *recovery(object_of(status.get("recovery")), now),
        url(status, now),
        *certificate(object_of(status.get("certificate"))),
        *_console(object_of(status.get("node"))),
        *_restart_needed(object_of(status.get("restart_needed"))),
    )


def network(status: Mapping[str, Any]) -> tuple[Row, ...]:
    """The card's addresses, the gateway and the resolvers."""
    found = object_of(status.get("network"))
    cards = rows_of(found.get("other_cards"))
    return (*_addresses(found), *_reach(found), *_other_cards(cards))


def state(status: Mapping[str, Any], now: datetime) -> Row:
    """The state as a word, and what goes on in it since when."""
    said = text_of(status.get("state"))
    tone = _TONES.get(said, Tone.PLAIN)
    faults = len(rows_of(status.get("faults")))
    if said == State.READY:
        return Row("State", "ready", tone)
    if said in (State.DEGRADED, State.FAULT):
        return Row("State", f"{said}, {_count(faults, 'problem')}", tone)
    if not said:
        return Row("State", "not known yet", Tone.BUSY)
    doing = clean(status.get("step") or status.get("phase"))
    since = _for(status.get("since"), now)
    what = f"{said}: {doing}" if doing else clean(said)
    return Row("State", ", ".join(part for part in (what, since) if part), tone)


def clock(found: Mapping[str, Any]) -> tuple[Row, ...]:
    """Whom the clock follows, once anybody asked."""
    said, source = clean(found.get("state")), clean(found.get("source"))
    if not said:
        return ()
    if said == "synchronised":
        return (Row(TIME, f"synchronised with {source}" if source else said),)
    texts = {"silent": "not known: chrony does not answer"}
    return (Row(TIME, texts.get(said, "not synchronised yet"), Tone.BUSY),)


def url(status: Mapping[str, Any], now: datetime) -> Row:
    """Where to go on, offered only once it answers; before that, what is waited for."""
    address = clean(status.get("url"))
    if not address:
        return Row("Web page", "not yet: no address", Tone.BUSY)
    if status.get("url_answers") is True:
        return Row(OPEN, address, Tone.GOOD)
    since = _for(status.get("url_since"), now)
    waiting = f"not yet: waiting for {address} to answer"
    return Row("Web page", ", ".join(part for part in (waiting, since) if part), Tone.BUSY)


def certificate(found: Mapping[str, Any]) -> tuple[Row, ...]:
    """The fingerprint in groups, as browsers show it to those who compare."""
    digest = clean(found.get("sha256")).replace(":", "").upper()
    if not digest:
        return (Row(CERTIFICATE, "none yet", Tone.BUSY),)
    groups = [digest[at : at + _HEX_GROUP] for at in range(0, len(digest), _HEX_GROUP)]
    half = (len(groups) + 1) // 2
    names = ", ".join(clean(name) for name in _texts(found.get("names"))[:4])
    day = clean(found.get("not_after")).partition("T")[0]
    told = [
        clean(found.get("source")),
        f"for {names}" if names else "",
        f"until {day}" if day else "",
        _left(found.get("days_left")),
    ]
    return (
        Row(CERTIFICATE, "SHA-256 " + " ".join(groups[:half])),
        Row("", " " * len("SHA-256 ") + " ".join(groups[half:])),
        Row("", ", ".join(part for part in told if part), Tone.BAD if told[-1] else Tone.PLAIN),
    )


def _left(days: object) -> str:
    """Told only of an end that is near."""
    return f"{_count(days, 'day')} left" if isinstance(days, int) else ""


def cluster(status: Mapping[str, Any]) -> tuple[Row, ...]:
    """The cluster's state, and its members each on a line."""
    found = object_of(status.get("cluster"))
    said, name = clean(found.get("state")), clean(found.get("name"))
    words = {
        "": ("not joined", Tone.PLAIN),
        "none": ("not joined", Tone.PLAIN),
        "making": ("making the cluster", Tone.BUSY),
        "joining": (f"joining {name}".strip(), Tone.BUSY),
        "member": (f"member of {name}" if name else "member", Tone.GOOD),
        "failed": (f"{_tried(status)} failed", Tone.BAD),
    }
    text, tone = words.get(said, (said, Tone.PLAIN))
    return (Row("Cluster", text, tone), *_members(rows_of(found.get("members"))), *_restart(status))


def _tried(status: Mapping[str, Any]) -> str:
    settings = {clean(fault.get("setting")) for fault in rows_of(status.get("faults"))}
    return "making the cluster" if "cluster.init" in settings else "joining"


def trial(found: Mapping[str, Any], now: datetime) -> tuple[Row, ...]:
    """Other settings of the network that wait for a person, or were taken back."""
    said, since_s = clean(found.get("state")), seconds_since(found.get("since"), now)
    if said == "taken-back":
        because = ", ".join((clean(found.get("because")), f"{ago(since_s or 0)} ago"))
        return (Row("Trial", f"of the network, taken back: {because}"),)
    if said == "applying":
        return (Row("Trial", "other settings of the network are tried", Tone.BUSY),)
    if said != "waiting":
        return ()
    asked = object_of(found.get("settings"))
    what = ", ".join(f"{clean(key)}={clean(text)}" for key, text in asked.items())
    within = found.get("within_s")
    left_s = within - (since_s or 0) if isinstance(within, int | float) else 0
    return (
        Row("Trial", what, Tone.BUSY),
        Row("", f"taken back in {ago(left_s)}; bandstand network confirm keeps it", Tone.BUSY),
        *(Row("", clean(one.get("message")), Tone.BAD) for one in rows_of(found.get("faults"))),
    )


def recovery(found: Mapping[str, Any], now: datetime) -> tuple[Row, ...]:
    """That somebody did things without a login, until an administrator has seen it."""
    if not found:
        return ()
    since_s = seconds_since(found.get("at"), now)
    when = "at an unknown time" if since_s is None else f"{ago(since_s)} ago"
    verbs = ", ".join(_texts(found.get("verbs"))) or "nothing known"
    return (Row("Recovery", clean(f"used {when}, without a login: {verbs}"), Tone.BAD),)


def _nowhere(_: str) -> str:
    return ""


def faults(status: Mapping[str, Any], where: Callable[[str], str] = _nowhere) -> tuple[Row, ...]:
    """Each fault by its setting, and below it what to do; `where`, as the face calls the place."""
    rows: list[Row] = []
    for fault in rows_of(status.get("faults")):
        setting, hint = clean(fault.get("setting")), clean(fault.get("hint"))
        rows.append(Row(setting or "problem", clean(fault.get("message")), Tone.BAD))
        told = "; ".join(filter(None, (where(setting), hint)))
        if told:
            rows.append(Row("", f"what to do: {told}"))
    for fallback in rows_of(status.get("fallbacks")):
        took = clean(fallback.get("took"))
        rows.append(Row(clean(fallback.get("category")), f"instead of what was asked: {took}"))
    return (*rows, *_changed(rows_of(status.get("changed_properties"))))


def notices(status: Mapping[str, Any]) -> tuple[Row, ...]:
    """What is taken, or goes on, and still worth a word."""
    return tuple(
        Row("" if at else "Notices", clean(one))
        for at, one in enumerate(_texts(status.get("notices")))
    )


def drift(status: Mapping[str, Any]) -> tuple[Row, ...]:
    """What is accepted and not so now: a boot, or the same change once more, makes it so again."""
    rows = rows_of(status.get("drift"))
    texts = [
        f"{clean(row.get('setting'))} is {clean(row.get('in_force'))},"
        f" accepted is {clean(row.get('accepted'))}"
        for row in rows
    ]
    return tuple(Row("" if at else "Drift", text) for at, text in enumerate(texts))


def told_steps(status: Mapping[str, Any]) -> tuple[dict[str, Any], ...]:
    """First boot's steps as they are told, and those of a cluster that is made or joined."""
    return (*first_boot(status), *joining(status))


def latest_steps(status: Mapping[str, Any]) -> tuple[dict[str, Any], ...]:
    """The same with the last change, in place of a first boot that has ended."""
    changed = last_change(status)
    is_history = bool(changed) and status.get("phase") == Phase.READY
    return (*(() if is_history else first_boot(status)), *changed, *joining(status))


def first_boot(status: Mapping[str, Any]) -> tuple[dict[str, Any], ...]:
    """Its steps; a failure that is mended since is over."""
    rows = rows_of(status.get("steps"))
    return tuple({**row, "state": "over"} if _is_mended(row, status) else row for row in rows)


def last_change(status: Mapping[str, Any]) -> tuple[dict[str, Any], ...]:
    """Since the machine started; of settings, a certificate, or what the cluster shares."""
    return tuple(rows_of(object_of(status.get("change")).get("steps")))


def joining(status: Mapping[str, Any]) -> tuple[dict[str, Any], ...]:
    return tuple(rows_of(object_of(status.get("cluster")).get("steps")))


def _is_mended(step: Mapping[str, Any], status: Mapping[str, Any]) -> bool:
    """No fault of its kind stands, or a later change went well through what it did."""
    if step.get("state") not in _BAD_STEPS or status.get("phase") != Phase.READY:
        return False
    own = _category(step.get("name"))
    faults = {_category(row.get("setting")) for row in rows_of(status.get("faults"))}
    if not faults or (own in _TOLD_AS_NAMED and own not in faults):
        return True
    later = [row for row in last_change(status) if _category(row.get("name")) == own]
    return bool(later) and all(row.get("state") in _GOOD_STEPS for row in later)


def _category(name: object) -> str:
    return text_of(name).partition(".")[0]


def steps(status: Mapping[str, Any]) -> tuple[Row, ...]:
    """The same in words, the state of each as one."""
    return tuple(_step(row) for row in told_steps(status))


def ago(seconds: float) -> str:
    """A length of time as a person says it."""
    whole = max(0, int(seconds))
    if whole < 2 * _MINUTE_S:
        return f"{whole} s"
    if whole < 2 * _HOUR_S:
        return f"{whole // _MINUTE_S} min"
    if whole < 2 * _DAY_S:
        return f"{whole // _HOUR_S} h"
    return f"{whole // _DAY_S} days"


def seconds_since(moment: object, now: datetime) -> float | None:
    """How long ago an RFC 3339 moment was; None where it is none."""
    try:
        then = datetime.fromisoformat(text_of(moment))
    except ValueError:
        return None
    if then.tzinfo is None:
        then = then.replace(tzinfo=UTC)
    return (now - then).total_seconds()


def clean(value: object) -> str:
    """Text that cannot steer a terminal: no control or format characters, one line, not endless.

    Names and messages come from answers, peers and the network; ESC sequences could forge a screen.
    """
    text = text_of(value)[: 4 * _LONGEST]
    shown = "".join(" " if unicodedata.category(sign)[0] in "CZ" else sign for sign in text)
    short = " ".join(shown.split())
    return short if len(short) <= _LONGEST else short[: _LONGEST - 3] + "..."


def _changed(properties: list[dict[str, Any]]) -> Iterable[Row]:
    """What the environment says otherwise than when it was last taken in."""
    for row in properties:
        text = f"changed in the environment to {clean(row.get('value'))}"
        applied = "applied" if row.get("applied") is True else "not applied"
        if because := clean(row.get("because")):
            applied = f"{applied}: it {because}"
        yield Row(clean(row.get("setting")), f"{text}, {applied}")


def _addresses(network: Mapping[str, Any]) -> Iterable[Row]:
    interface = clean(network.get("interface"))
    link = clean(network.get("link"))
    ends = [interface, f"link {link}" if link else ""]
    tone = Tone.BAD if link in _CUT else Tone.BUSY
    sources = object_of(network.get("address_sources"))
    rows = [(clean(one), clean(sources.get(one))) for one in _texts(network.get("addresses"))]
    if not rows:
        none = {"dhcp": "no lease yet", "static": "not set yet"}
        words = none.get(clean(network.get("mode")), "none yet")
        return (
            Row("Address", "  ".join(part for part in (ends[0], words, ends[1]) if part), tone),
        )
    return (_address(*row, ends, is_first=at == 0) for at, row in enumerate(rows[:4]))


def _address(address: str, source: str, ends: list[str], *, is_first: bool) -> Row:
    told = ", ".join(part for part in (_SOURCES.get(source, source), ends[1]) if part)
    tone = Tone.BAD if ends[1].removeprefix("link ") in _CUT else Tone.PLAIN
    text = "  ".join(part for part in (ends[0], address, told) if part)
    return Row("Address" if is_first else "", text, tone)


def _texts(value: object) -> list[str]:
    return [one for one in list_of(value) if isinstance(one, str)]


def _reach(network: Mapping[str, Any]) -> tuple[Row, ...]:
    dns = ", ".join(clean(server) for server in _texts(network.get("dns"))[:4])
    return (Row("Gateway", clean(network.get("gateway")) or "none"), Row("DNS", dns or "none"))


def _other_cards(cards: list[dict[str, Any]]) -> Iterable[Row]:
    """Nobody configures them, so a person who misses one learns here which it is."""
    for at, card in enumerate(cards[:4]):
        name, mac, driver = (clean(card.get(key)) for key in ("name", "mac", "driver"))
        told = [name, mac, f"({driver})" if driver else "", "left alone"]
        yield Row("" if at else "Other cards", "  ".join(part for part in told if part))


def _members(members: list[dict[str, Any]]) -> Iterable[Row]:
    for at, member in enumerate(members):
        said = clean(member.get("state"))
        seen = member.get("last_seen_s")
        is_quiet = isinstance(seen, int | float) and seen > _MINUTE_S
        told = [clean(member.get("name")), clean(member.get("address")), said]
        if is_quiet:
            told.append(f"last heard of {ago(float(text_of(seen)))} ago")
        tone = Tone.GOOD if said == "active" and not is_quiet else Tone.BUSY
        yield Row("" if at else "Members", "  ".join(part for part in told if part), tone)


def _restart(status: Mapping[str, Any]) -> Iterable[Row]:
    safe = object_of(status.get("safe_to_restart"))
    if "yes" not in safe:
        return ()
    because = clean(safe.get("because"))
    word = "yes" if safe["yes"] is True else "no"
    tone = Tone.PLAIN if safe["yes"] is True else Tone.BUSY
    return (Row("Restart now", f"safe: {word}" + (f", {because}" if because else ""), tone),)


def _console(found: Mapping[str, Any]) -> Iterable[Row]:
    """Said to somebody who would go to the machine for more, or is there."""
    shown = (Row("Console", "shows this alone once the node is claimed, by node.console"),)
    return shown if found.get("console") is False else ()


def _restart_needed(found: Mapping[str, Any]) -> Iterable[Row]:
    if found.get("yes") is not True:
        return ()
    because = clean(found.get("because"))
    text = f"needed by the updates of {because}" if because else "needed by updates"
    return (Row("Restart", text, Tone.BUSY),)


def _step(row: Mapping[str, Any]) -> Row:
    said = clean(row.get("state"))
    good, bad = dict.fromkeys(_GOOD_STEPS, Tone.GOOD), dict.fromkeys(_BAD_STEPS, Tone.BAD)
    tones = {**good, **bad, "over": Tone.PLAIN}
    word = said.upper() if said in _BAD_STEPS else said
    seconds = row.get("seconds")
    took = f"  {seconds:.1f} s" if isinstance(seconds, int | float) and seconds >= _SHOWN_S else ""
    return Row(f"[{word:^8}]", f"{clean(row.get('name'))}{took}", tones.get(said, Tone.BUSY))


def _for(moment: object, now: datetime) -> str:
    seconds = seconds_since(moment, now)
    return f"for {ago(seconds)}" if seconds is not None and seconds >= 1 else ""


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")
