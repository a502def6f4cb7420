"""The order of events on a boot: read, accept, change, fall back, hand over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import nullcontext

from agent.accepted import refused, seen, store
from agent.accepted.store import Accepted, Membership
from agent.change import STAGES, USUALLY, Fallback, Outcome, Released, Stage, settle
from agent.errors import Fault
from agent.properties.answers import Answers
from agent.properties.read import read, read_again, read_files
from agent.settings.accept import Acceptance, accept
from agent.settings.declaration import CORE, Settings
from agent.settings.gather import gather
from agent.status.model import Phase
from agent.steps.journal import Journal
from agent.system.host import Host
from firstboot.report import Report

RECOVERED = "/var/lib/bandstand/access/recovery.json"
CONFIGURED = store.CONFIGURED
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
    "portal": USUALLY,
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
    left: tuple[Fault, ...] = ()
    if host.files.exists(store.RESET):
        # Only a node that is to be as new pays for it.
        from firstboot import reset

        if reset.starts_again(host):
            return Outcome()
        left = reset.reset(host)
    journal = Journal.load(host.files, JOURNAL)
    accepted, told = _settings(host, report, journal, released, stages)
    told = _both(Outcome(left), told)
    report.faults(told.faults)
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
    _hand_over(host, accepted)
    report.end(outcome)
    store.mend(host.files)
    return outcome


def _settings(
    host: Host, report: Report, journal: Journal, released: Released, stages: Sequence[Stage]
) -> tuple[Accepted, Outcome]:
    """What was accepted holds; only a node without accepted settings does as its surroundings say.

    An environment that is gone by then undoes nothing, and one that is changed is judged anew.
    """
    unreadable: tuple[Fault, ...] = ()
    if store.exists(host.files):
        before = seen.load(host.files)
        with released():
            answers = read_again(host, before.is_same)
        accepted = store.load(host.files)
        if accepted.source and not answers.raw and _is_untold(accepted):
            filed = _with_files(host, answers)
            if filed.raw or filed.faults:
                return _anew(host, report, filed, accepted.faults)
            answers = answers._replace(tried=filed.tried)
        if accepted.source:
            return _later(host, report, journal, stages, accepted, answers)
        unreadable = accepted.faults
    return _anew(host, report, read(host), unreadable)


def _is_untold(accepted: Accepted) -> bool:
    """Whether nobody has told this node anything yet, at whatever door."""
    is_alone = accepted.membership is Membership.NONE
    return is_alone and accepted.source == _NOBODY and accepted.own == Settings()


def _with_files(host: Host, answers: Answers) -> Answers:
    """Where nothing was accepted, a file that was brought meanwhile can undo nothing."""
    found = read_files(host)
    return found._replace(tried=tuple(dict.fromkeys((*answers.tried, *found.tried))))


def _anew(
    host: Host, report: Report, answers: Answers, unreadable: tuple[Fault, ...]
) -> tuple[Accepted, Outcome]:
    report.read_from(answers.source, answers.tried)
    acceptance = accept(answers.raw, strict=answers.is_strict, unreadable=answers.unreadable)
    report.notices((*answers.notices, *acceptance.notices))
    accepted = Accepted(own=acceptance.settings, source=answers.source or _NOBODY)
    return accepted, _keep(host, accepted, acceptance, answers, unreadable)


def _later(
    host: Host,
    report: Report,
    journal: Journal,
    stages: Sequence[Stage],
    accepted: Accepted,
    answers: Answers,
) -> tuple[Accepted, Outcome]:
    report.read_from("accepted", (f"accepted: found, from {accepted.source}", *answers.tried))
    # Nothing depends on it any more, so that what is wrong with it is no fault of this node.
    told = (fault.message for fault in answers.faults)
    unread = (f"{fault.setting}: {fault.message}" for fault in answers.unreadable)
    report.notices((*answers.notices, *told, *unread))
    if not answers.raw:
        return accepted, _told_again(host, accepted)
    # Only a node whose environment says something new pays for it.
    from firstboot import later

    return later.take(later.Turn(host, journal, report, stages), accepted, answers)


def _told_again(host: Host, accepted: Accepted) -> Outcome:
    told = refused.load(host.files)
    return _outcome((*accepted.faults, *told.faults), told.took)


def _keep(
    host: Host,
    accepted: Accepted,
    acceptance: Acceptance,
    answers: Answers,
    unreadable: tuple[Fault, ...],
) -> Outcome:
    """What holds comes last, so that a power cut before it only makes all be read again."""
    if acceptance.settings.cluster.is_claimed:
        # Only a node that is to make or join a cluster pays for it.
        from agent.accepted import claim

        claim.put(host.files, acceptance.settings)
    faults = (*unreadable, *answers.faults, *acceptance.faults)
    took = {name: _TAKES[name] for name in sorted(acceptance.refused)}
    texts = _refused_texts(answers, acceptance) if acceptance.faults else {}
    _ = refused.save(host.files, refused.Refused(faults, took, accepted.source, texts))
    if answers.document:
        given = gather(answers.raw, CORE, strict=False).given
        _ = seen.keep(host.files, given.values(), answers.document)
    _ = store.save(host.files, accepted)
    return _outcome(faults, took)


def _refused_texts(answers: Answers, acceptance: Acceptance) -> dict[str, str]:
    # Only a node of which something was refused pays for it.
    from agent.accepted import asked

    return asked.of(gather(answers.raw, CORE, strict=False).given, acceptance.faults)


def _outcome(faults: tuple[Fault, ...], took: Mapping[str, str]) -> Outcome:
    return Outcome(faults, tuple(Fallback(name, what) for name, what in took.items()))


def _both(first: Outcome, then: Outcome) -> Outcome:
    return Outcome((*first.faults, *then.faults), (*first.fallbacks, *then.fallbacks))


def _hand_over(host: Host, accepted: Accepted) -> None:
    """From here on the accepted settings hold, and the agent looks after the cluster. A reset that
    was asked for meanwhile is for a boot that is a first one.
    """
    files = host.files
    is_claimed = accepted.own.cluster.is_claimed or accepted.membership is not Membership.NONE
    if not is_claimed and not files.exists(CONFIGURED):
        # Later boots do not pay for it.
        from agent.access import code

        _ = code.keep(files, host.clock)
    if files.exists(RECOVERED):
        from agent.access import recovery

        recovery.tell(files)
    if not files.exists(store.RESET):
        _ = files.write(CONFIGURED, "")
