"""Which pair nginx is to serve: the given one, else one that the node makes for itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import StrEnum

from agent.settings.secret import Secret
from agent.settings.tls import Tls
from agent.steps.step import key_of
from agent.typed import NamedTuple

# Of 397 days; a node that is off for longer renews when it comes back.
RENEW_BEFORE = timedelta(days=30)


class Source(StrEnum):
    """Whose the pair is; only one of our own is ever replaced without being asked."""

    GIVEN = "given"
    SELF_SIGNED = "self-signed"


class Live(NamedTuple):
    """The pair that lies there; `origin` is the key of the plan that put it there."""

    source: str
    names: frozenset[str]
    not_after: str
    origin: str
    not_before: str = ""

    @property
    def is_ours(self) -> bool:
        return self.source == Source.SELF_SIGNED


class Observed(NamedTuple):
    """What the node is called, and what it has; a pair that was tampered with counts as none.
    `built` is when the image was made.
    """

    names: tuple[str, ...]
    addresses: tuple[str, ...]
    live: Live | None
    now: datetime
    built: datetime | None = None

    @property
    def moment(self) -> datetime:
        """The time by which a certificate of ours is judged: a clock before `built` is wrong."""
        return max(self.now, self.built or self.now)


class TlsPlan(NamedTuple):
    """`keep`: the live pair is right and nothing is to be done. `why` is for people. `keeps_key`:
    the new certificate is for the live pair's key. It is valid from no earlier than `built`.
    """

    source: Source
    names: tuple[str, ...]
    addresses: tuple[str, ...]
    certificate: str | None
    private_key: Secret | None
    keep: bool
    why: str
    key: str
    keeps_key: bool = False
    built: datetime | None = None


def plan(tls: Tls, observed: Observed) -> TlsPlan:
    source = Source.GIVEN if tls.certificate and tls.key else Source.SELF_SIGNED
    if source is Source.GIVEN:
        key = key_of(source, tls.certificate)
    else:
        key = key_of(source, *observed.names, *observed.addresses)
    why = _why(source, key, observed)
    return TlsPlan(
        source,
        observed.names,
        observed.addresses,
        tls.certificate,
        tls.key,
        keep=not why,
        why=why,
        key=key,
        keeps_key=observed.live is not None and observed.live.is_ours,
        built=observed.built,
    )


def due(observed: Observed) -> str:
    """Why a self-signed pair is to be made again; blank while it is right, or is not ours."""
    live = observed.live
    if live is None or not live.is_ours or not observed.addresses:
        return ""
    return plan(Tls(), observed).why


def _why(source: Source, key: str, observed: Observed) -> str:
    """Why the live pair will not do; empty when it does."""
    live = observed.live
    if live is None:
        return "there is no pair yet, or not as it was put there"
    if source is Source.GIVEN:
        return "" if live.origin == key else "another pair was given"
    if not live.is_ours:
        return "no pair is given any more"
    if missing := {*observed.names, *observed.addresses} - live.names:
        return f"the self-signed certificate does not name {', '.join(sorted(missing))}"
    if _when(live.not_before) > observed.moment:
        # Made while the clock was ahead: nobody whose clock is right takes it.
        return f"the self-signed certificate begins only on {live.not_before}"
    if _when(live.not_after) - observed.moment < RENEW_BEFORE:
        return f"the self-signed certificate ends on {live.not_after}"
    return ""


def _when(text: str) -> datetime:
    """A moment as we write it; what is no moment is long past."""
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError:
        return datetime.fromtimestamp(0, UTC)
