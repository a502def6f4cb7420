"""The order of events on a boot: read, accept, change, fall back, hand over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import nullcontext

from agent.accepted import acts, refused, store
from agent.accepted.store import Accepted
from agent.change import STAGES, Fallback, Outcome, Released, Stage, settle
from agent.errors import Fault
from agent.properties.read import read
from agent.settings.accept import Acceptance, accept
from agent.status.model import Phase
from agent.steps.journal import Journal
from agent.system.host import Host
from firstboot.report import Report

CONFIGURED = "/var/lib/bandstand/configured"
JOURNAL = "/var/lib/bandstand/journal/root.json"

# The source of a node that nobody told anything.
_NOBODY = "defaults"
# What a refused category takes: design, first boot, rule 1.
_TAKES = {
    "network": "DHCP",
    "node": "what blank means, field by field",
    "tls": "a self-signed certificate",
    "cluster": "not joined",
    "database": "none",
}


def boot(
    host: Host, *, released: Released = nullcontext, stages: Sequence[Stage] = STAGES
) -> Outcome:
    """Bring the node to what was answered, or to the stated fallback; ends at serving.

    Whoever calls holds the lock, and `released` lets go of it during the waits of the network.
    Returns the faults and fallbacks, which the status tells as well.
    """
    report = Report(host)
    report.enter(Phase.READING)
    accepted, told = _settings(host, report)
    report.faults(told.faults)
    journal = Journal.load(host.files, JOURNAL)
    outcome = settle(
        host,
        accepted,
        journal,
        tell=report.step,
        enter=report.enter,
        released=released,
        stages=stages,
    )
    outcome = _both(told, outcome)
    _hand_over(host)
    report.end(outcome)
    return outcome


def _settings(host: Host, report: Report) -> tuple[Accepted, Outcome]:
    """What was accepted holds; only a node without accepted settings asks its surroundings."""
    accepted = store.load(host.files)
    if accepted.source:
        report.read_from("accepted", ("accepted",))
        return accepted, _told_again(host, accepted)
    answers = read(host)
    report.read_from(answers.source, answers.tried)
    acceptance = accept(answers.raw, strict=answers.is_strict)
    report.notices(acceptance.notices)
    unreadable = (*accepted.faults, *answers.faults)
    accepted = Accepted(own=acceptance.settings, source=answers.source or _NOBODY)
    return accepted, _keep(host, accepted, acceptance, unreadable)


def _keep(
    host: Host, accepted: Accepted, acceptance: Acceptance, unreadable: tuple[Fault, ...]
) -> Outcome:
    """What holds comes last, so that a power cut before it only makes all be read again."""
    join = acceptance.settings.cluster.join
    if join is not None:
        _ = acts.put_act(host.files, "cluster.join", join)
    faults = (*unreadable, *acceptance.faults)
    took = {name: _TAKES[name] for name in sorted(acceptance.refused)}
    _ = refused.save(host.files, faults, took)
    _ = store.save(host.files, accepted)
    return _outcome(faults, took)


def _told_again(host: Host, accepted: Accepted) -> Outcome:
    faults, took = refused.load(host.files)
    return _outcome((*accepted.faults, *faults), took)


def _outcome(faults: tuple[Fault, ...], took: Mapping[str, str]) -> Outcome:
    return Outcome(faults, tuple(Fallback(name, what) for name, what in took.items()))


def _both(first: Outcome, then: Outcome) -> Outcome:
    return Outcome((*first.faults, *then.faults), (*first.fallbacks, *then.fallbacks))


def _hand_over(host: Host) -> None:
    """From here on the accepted settings hold, and the agent looks after the cluster."""
    _ = host.files.write(CONFIGURED, "")
