"""What is told of the certificate that is in force, and of the clock by which it is judged."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from agent.accepted import store
from agent.accepted.store import Membership
from agent.errors import Fault
from agent.status.words import seconds_since
from agent.system import nginx
from agent.system.clock import stamp
from agent.system.files import Files
from agent.tls.plan import RENEW_BEFORE, Source
from agent.typed import Any

_CLUSTER, _TLS = "cluster", "tls"
_DAY_S = 86400
_WAYS = {
    Source.SELF_SIGNED.value: "it is made again by itself: see that the clock is right",
    _CLUSTER: "give the cluster a new pair: all its members serve it",
}
_INSTALL = "bandstand node cert install puts a new pair in its place"


def in_force(files: Files, now: datetime) -> dict[str, Any]:
    """The `certificate` of status.json; empty where there is none. `source` is given, self-signed,
    or cluster; beside the latter, `kept` tells that the node has one of its own. `days_left` stands
    there while an end is near that only people can put off.
    """
    found = nginx.installed(files)
    if found is None:
        return {}
    accepted = store.load(files)
    is_shared = accepted.membership is not Membership.NONE and "tls.certificate" in accepted.shared
    told = _dated(found, now)
    if is_shared and found.source == Source.GIVEN:
        told["source"] = _CLUSTER
        if accepted.own.tls.certificate:
            told["kept"] = Source.GIVEN.value
    return told


def portal(files: Files, now: datetime) -> dict[str, Any]:
    """The same of the portal's own pair, where it has one: people compare what they meet there."""
    pair = nginx.portal(files).pair
    found = nginx.pair_at(files, pair) if pair else None
    return _dated(found, now) if found else {}


def _dated(found: nginx.Installed, now: datetime) -> dict[str, Any]:
    told: dict[str, Any] = found.as_json()
    left_s = -(seconds_since(found.not_after, now) or 0)
    if found.source == Source.GIVEN and 0 < left_s < RENEW_BEFORE.total_seconds():
        told["days_left"] = int(left_s // _DAY_S)
    return told


def notices(certificate: Mapping[str, Any], category: str = _TLS) -> list[str]:
    """An end that is near is no fault: the node serves, and its balancer is to go on using it."""
    days = certificate.get("days_left")
    if not isinstance(days, int):
        return []
    when = f"on {_day(certificate)}, {_in(days)}"
    way = _way(certificate, category)
    return [f"{category}.certificate: the certificate that is served ends {when}; {way}"]


def clock_faults(now: datetime, built: datetime | None) -> tuple[Fault, ...]:
    if built is None or now >= built:
        return ()
    # By the day: a fault that says something else is a new one to those who follow the status.
    said = f"the clock says {now:%Y-%m-%d}, and this image was made later, on {stamp(built)}"
    hint = "set the clock of the host right, or name time servers that this node reaches"
    return (Fault("network.ntp", said, hint, "clock-behind"),)


def faults(
    certificate: Mapping[str, Any], now: datetime, category: str = _TLS
) -> tuple[Fault, ...]:
    gone_s = seconds_since(certificate.get("not_after"), now)
    if gone_s is None or gone_s <= 0:
        return ()
    said = f"the certificate that is served ended on {_day(certificate)}"
    way = _way(certificate, category)
    return (Fault(f"{category}.certificate", said, way, "certificate-ended"),)


def _way(certificate: Mapping[str, Any], category: str) -> str:
    if category != _TLS:
        return f"give a new pair as {category}.certificate and {category}.key"
    return _WAYS.get(str(certificate.get("source")), _INSTALL)


def _day(certificate: Mapping[str, Any]) -> str:
    return str(certificate.get("not_after", "")).partition("T")[0]


def _in(days: int) -> str:
    return {0: "within a day", 1: "in 1 day"}.get(days, f"in {days} days")
