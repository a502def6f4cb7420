"""The environment on a later boot: what is changed is shown, and applied where that is allowed.

Allowed is what was accepted: a changed property holds nothing until it is accepted, and so neither
does a changed `node.reapply`. What was applied is seen; all else is changed, and shown, until then.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from agent import change as story
from agent.accepted import asked, claim, refused, seen, store
from agent.accepted.reapply import Candidate, candidate, set_right
from agent.accepted.store import Accepted, Membership
from agent.change import Fallback, Outcome, Stage
from agent.errors import BandstandError, Fault
from agent.network.plan import network_file
from agent.properties.answers import Answers
from agent.settings import setters
from agent.settings.declaration import CORE
from agent.settings.declare import Face
from agent.settings.gather import Given, gather
from agent.settings.network import Network
from agent.settings.normal import redact
from agent.status.model import Phase
from agent.steps.journal import Journal
from agent.system.files import Files
from agent.system.host import Host
from agent.typed import Any, NamedTuple
from firstboot.report import Report

_SHOWN = 60
_STAYS = "what was accepted before"


class Turn(NamedTuple):
    """What it takes to bring changed properties in force."""

    host: Host
    journal: Journal
    report: Report
    stages: Sequence[Stage]


def take(turn: Turn, accepted: Accepted, answers: Answers) -> tuple[Accepted, Outcome]:
    """What is accepted by now, and what was told of the answers before or is to be told now."""
    told = refused.load(turn.host.files)
    given = gather(answers.raw, CORE, strict=False).given
    changed = _changed(turn.host, given, answers.document)
    if not changed:
        return accepted, _outcome(accepted.faults, told)
    return _judge(turn, accepted, answers, given, changed)


def _changed(host: Host, given: Mapping[str, Given], document: bytes) -> dict[str, Given]:
    before = seen.load(host.files)
    if before.is_lost:
        # Nothing tells any more what is changed, and to apply all of it would undo the console's.
        _ = seen.keep(host.files, given.values(), document)
        return {}
    changed = {key: one for key, one in given.items() if before.has_changed(one)}
    if not changed:
        _ = seen.keep(host.files, (), document)
    return changed


def _judge(
    turn: Turn,
    accepted: Accepted,
    answers: Answers,
    given: Mapping[str, Given],
    changed: Mapping[str, Given],
) -> tuple[Accepted, Outcome]:
    files = turn.host.files
    told = refused.load(files)
    changed = _with_init(changed, given, told)
    barred = _barred(changed, accepted)
    open_ = {key: one for key, one in changed.items() if key not in barred}
    wanted = candidate(accepted.own, open_, given, told.took.keys(), answers.unreadable)
    _ = seen.keep(files, [changed[key] for key in sorted(wanted.same)])
    left = {key: one for key, one in open_.items() if key not in wanted.same}
    applied: frozenset[str] = frozenset()
    faults: tuple[Fault, ...] = ()
    if left and accepted.own.node.reapply:
        accepted, applied, faults = _apply(turn, accepted, answers.source, wanted, left)
        told = _with_texts(files, left, wanted.acceptance.faults)
    rows = [_row(one, is_applied=key in applied) for key, one in left.items()]
    rows += [{**_row(changed[key]), "because": why} for key, why in barred.items()]
    turn.report.changed(rows)
    return accepted, _outcome((*accepted.faults, *faults), told, _stays(faults))


def _with_init(
    changed: Mapping[str, Given], given: Mapping[str, Given], told: refused.Refused
) -> Mapping[str, Given]:
    """An init that was refused, for want of its database perhaps, is judged again with that."""
    is_refused = claim.INIT in given and "cluster" in told.took
    if not (is_refused and any(key.startswith("database.") for key in changed)):
        return changed
    of_cluster = {key: one for key, one in given.items() if key.startswith("cluster.")}
    return {**changed, **of_cluster}


def _apply(
    turn: Turn, accepted: Accepted, source: str, wanted: Candidate, left: Mapping[str, Given]
) -> tuple[Accepted, frozenset[str], tuple[Fault, ...]]:
    """In force first, stored then; what fails is taken back, and tried again by the next boot."""
    made = accepted._replace(own=wanted.own, source=source)
    taken = wanted.taken & left.keys()
    faults = wanted.acceptance.faults

    def keep() -> None:
        _keep(turn.host, made, wanted, [left[key] for key in sorted(taken)])

    try:
        if taken:
            outcome = story.apply(
                turn.host,
                made,
                turn.journal,
                tell=turn.report.step,
                keep=keep,
                stages=turn.stages,
                verified=_to_verify(accepted.own.network, wanted.own.network),
            )
            faults = (*faults, *outcome.faults)
    except BandstandError as error:
        return accepted, frozenset(), (*faults, _failed(taken, error))
    return (made if taken else accepted), taken, faults


def _to_verify(before: Network, wanted: Network) -> frozenset[Phase]:
    """Other settings of the card have to work before they take the place of some that did; time
    servers and proxies are not the card's.
    """
    return (
        frozenset() if network_file(before) == network_file(wanted) else frozenset({Phase.NETWORK})
    )


def _keep(host: Host, made: Accepted, wanted: Candidate, taken: Sequence[Given]) -> None:
    """What holds comes last but for what was seen: a power cut before that only repeats this."""
    keys = frozenset(one.row.key for one in taken)
    claim.put(host.files, wanted.own)
    told = set_right(refused.load(host.files), keys)
    _ = refused.save(host.files, told._replace(source=made.source))
    _ = store.save(host.files, made)
    _ = seen.keep(host.files, taken)


def _with_texts(
    files: Files, left: Mapping[str, Given], faults: tuple[Fault, ...]
) -> refused.Refused:
    """For the forms, until the property says something else: its fault is found at every boot."""
    told = refused.load(files)
    texts = {**asked.standing(told.asked, told.faults), **asked.of(left, faults)}
    told = told._replace(asked=texts)
    _ = refused.save(files, told)
    return told


def _failed(taken: frozenset[str], error: BandstandError) -> Fault:
    names = ", ".join(sorted(taken))
    message = f"the changed properties {names} could not be brought in force: {error.message}"
    hint = error.hint or "What was accepted before holds. The next boot tries again."
    return Fault("node.reapply", message, hint, error.code)


def _stays(faults: tuple[Fault, ...]) -> tuple[Fallback, ...]:
    names = sorted({fault.setting.partition(".")[0] for fault in faults})
    return tuple(Fallback(name, _STAYS) for name in names if name in CORE.categories)


def _outcome(
    faults: tuple[Fault, ...], told: refused.Refused, more: tuple[Fallback, ...] = ()
) -> Outcome:
    before = tuple(
        Fallback(name, what)
        for name, what in told.took.items()
        if name not in {fallback.category for fallback in more}
    )
    return Outcome((*faults, *told.faults), (*before, *more))


def _barred(changed: Mapping[str, Given], accepted: Accepted) -> dict[str, str]:
    """Why those are not taken that properties may not set on a member: they are shown, and wait
    until the node has left.
    """
    is_member = accepted.membership is not Membership.NONE
    return {
        key: setters.fault(one.row, Face.PROPERTY, is_member=is_member).message
        for key, one in changed.items()
        if not one.row.may_set(Face.PROPERTY, is_member=is_member)
    }


def _row(one: Given, *, is_applied: bool = False) -> dict[str, Any]:
    shown = redact({one.row.key: one.text})[one.row.key].strip()
    short = shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}…"
    return {"setting": one.row.key, "value": short, "applied": is_applied}
