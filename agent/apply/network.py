"""The verbs of the network: other settings tried, kept once somebody confirms them, or taken back.

    try -> [probe, put beside, verify] -> waiting -> confirm: agent.change, then accepted
                      `-> taken back          |  `-> undo: taken back
                                              `----> nobody said so in time: bandstand-trial.service

`undo` without a trial goes back to the settings before those kept last.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence

from agent import change as story
from agent.accepted import before, store
from agent.accepted.reapply import candidate
from agent.accepted.store import Accepted
from agent.apply import editing, righted
from agent.apply.change import JOURNAL, PATIENCE_S, refuse_before_reset, teller
from agent.apply.reached import refuse_to_move
from agent.ask.serve import TellStep
from agent.change import STAGES, Outcome, Stage
from agent.errors import (
    BandstandError,
    Fault,
    InputRefused,
    NotNow,
    SeveralFailed,
    StepFailed,
)
from agent.network import observe, plan
from agent.network.beside import Beside, from_json, is_to_be_tried
from agent.network.trying import OpenKernel, Trying
from agent.settings import normal
from agent.settings.declaration import CORE
from agent.settings.gather import Given, gather
from agent.settings.network import Network
from agent.status import fragment, merge
from agent.steps import trial as record
from agent.steps.journal import Journal
from agent.steps.run import Tell, run_steps
from agent.steps.step import Step
from agent.steps.trial import Trial, TrialState
from agent.system import systemd
from agent.system.clock import stamp
from agent.system.host import Host
from agent.system.lock import locked
from agent.system.netlink import Kernel
from agent.typed import Any, NamedTuple
from agent.values.json_object import is_object, object_of
from agent.values.words import is_unset

PROCESS = "trial"
KEEPER = "bandstand-trial.service"

_CATEGORY = "network"
_JOURNAL = f"{record.FOLDER}/journal.json"
_SHORTEST_S, _LONGEST_S = 5, 600
# Who asks for one of these means it, whatever the mode was that is accepted.
_MODES = {"network.address": "network.mode", "network.ipv6_address": "network.ipv6"}


log = logging.getLogger(__name__)


def _nothing() -> None:
    return None


class Asked(NamedTuple):
    """`texts` by key; `is_attended` where a person confirms, within `limit_s`."""

    texts: Mapping[str, str]
    is_attended: bool
    limit_s: int


class Turn(NamedTuple):
    """What it takes to try, keep and take back; tests hand in other stages and another kernel."""

    host: Host
    tell: Tell
    stages: Sequence[Stage] = STAGES
    kernel: OpenKernel = Kernel
    patience_s: float = PATIENCE_S

    @property
    def trying(self) -> Trying:
        return Trying(self.host, self.kernel)


def turn_of(host: Host, tell: TellStep) -> Turn:
    return Turn(host, teller(host, tell))


def attempt(turn: Turn, args: Mapping[str, Any]) -> dict[str, Any]:
    """args: settings {key: text}, attended, within_s. Raises InputRefused with all faults, NotNow
    where a member would move.
    """
    host = turn.host
    asked = _asked(args)
    editing.refuse_lost(host.files, _CATEGORY)
    with locked(host.files, timeout_s=turn.patience_s):
        refuse_before_reset(host.files)
        record.refuse_beside(host.files, host.clock)
        accepted = store.load(host.files)
        made, notices = _made(accepted, asked.texts)
        former, wanted = accepted.effective().network, made.effective().network
        refuse_to_move(host.files, accepted, wanted)
        if not is_to_be_tried(wanted, former):
            return {**_kept(turn, accepted, made, asked.texts), "notices": notices}
        beside = turn.trying.plan(wanted, former)
        faults = _try(turn, asked, beside, wanted)
        if not asked.is_attended:
            return {**_keep(turn, _load(host)), "notices": notices}
        _wait(turn, asked, beside, faults)
        return {**show(host), "notices": notices}


def confirm(turn: Turn) -> dict[str, Any]:
    """Raises NotNow where nothing is tried any more."""
    with locked(turn.host.files, timeout_s=turn.patience_s):
        return _keep(turn, _load(turn.host))


def undo(turn: Turn) -> dict[str, Any]:
    """The running trial, else what was kept last; raises NotNow where there is neither."""
    host = turn.host
    with locked(host.files, timeout_s=turn.patience_s):
        trial = record.load(host.files)
        if trial is not None:
            return take_back(turn, trial, "it was undone")
        accepted = store.load(host.files)
        former = before.load(host.files, accepted.own.network)
        if former is None:
            raise NotNow(
                "there is nothing to undo: no trial is under way, and no earlier settings of the"
                " network are known"
            )
        made = accepted._replace(own=accepted.own._replace(network=former))
        refuse_to_move(host.files, accepted, made.effective().network)

        def keep() -> None:
            _ = store.save(host.files, made)
            _ = before.forget(host.files)

        outcome = _apply(turn, made, keep)
        return _told(turn, "restored", "", outcome)


def show(host: Host) -> dict[str, Any]:
    """The running trial with the seconds left, or how the last one of this boot ended."""
    told = object_of(fragment.get(host.files, PROCESS).get("trial")) or {"state": "none"}
    trial = record.load(host.files)
    if trial is None:
        return {**told, "seconds_left": 0}
    return {**told, "state": trial.state.value, "seconds_left": round(trial.left_s(host.clock))}


def take_back(turn: Turn, trial: Trial, because: str) -> dict[str, Any]:
    """For who holds the lock."""
    host = turn.host
    former = plan.plan(store.load(host.files).effective().network, observe.observe(host))
    turn.trying.take_back(from_json(trial.beside), former)
    # Last: what is left when this breaks off is taken back by the keeper.
    record.clear(host.files)
    return _told(turn, "taken-back", because)


def mend(turn: Turn, trial: Trial, because: str) -> dict[str, Any]:
    """One that was half kept: what is accepted by now says which way it goes."""
    host = turn.host
    accepted = store.load(host.files)
    if _made(accepted, trial.asked)[0].own == accepted.own:
        turn.trying.tidy(from_json(trial.beside))
        record.clear(host.files)
        righted.put_right(host, _keys(trial.asked))
        return _told(turn, "kept", "")
    turn.trying.hand_over(from_json(trial.beside))
    _ = _apply(turn, accepted)
    return take_back(turn, trial, because)


def _asked(args: Mapping[str, Any]) -> Asked:
    texts, within_s = args.get("settings"), args.get("within_s", record.LIMIT_S)
    faults: list[Fault] = []
    if not is_object(texts) or not all(isinstance(text, str) for text in texts.values()):
        faults.append(Fault("settings", "is not an object of texts by key"))
    elif not texts:
        faults.append(Fault("settings", "names no setting; accepted is network.KEY with a value"))
    if type(within_s) is not int or not _SHORTEST_S <= within_s <= _LONGEST_S:
        accepted = f"whole seconds from {_SHORTEST_S} to {_LONGEST_S}"
        faults.append(Fault("within", f"{within_s!r} is no time; accepted is {accepted}"))
    if faults:
        raise InputRefused(tuple(faults))
    return Asked(dict(texts or {}), args.get("attended", True) is not False, within_s)


def _made(accepted: Accepted, texts: Mapping[str, str]) -> tuple[Accepted, list[str]]:
    """What would be accepted, with what is worth saying; raises InputRefused with all faults."""
    gathered = gather(texts, CORE, strict=True)
    given, faults = dict(gathered.given), list(gathered.faults)
    for name, text in texts.items():
        row = CORE.find(name)
        if row is not None and row.category != _CATEGORY:
            faults.append(Fault(name, "is not a setting of the network", code="foreign"))
        elif row is not None and is_unset(text):
            given[row.key] = Given(row, "", name)
    for key, mode in _MODES.items():
        row = CORE.find(mode)
        if row is not None and key in gathered.given and mode not in given:
            given[mode] = Given(row, "", mode)
    ours = {key: one for key, one in given.items() if one.row.category == _CATEGORY}
    wanted = candidate(accepted.own, ours, ours, frozenset())
    faults += wanted.acceptance.faults
    if faults:
        raise InputRefused(tuple(faults))
    notices = (*gathered.notices, *wanted.acceptance.notices)
    return accepted._replace(own=wanted.own), [one for one in notices if one.startswith(_CATEGORY)]


def _keys(texts: Mapping[str, str]) -> frozenset[str]:
    return frozenset(row.key for name in texts if (row := CORE.find(name)) is not None)


def _try(turn: Turn, asked: Asked, beside: Beside, wanted: Network) -> tuple[Fault, ...]:
    """Who takes it back is started before there is anything to take back."""
    host, trying = turn.host, turn.trying
    faults: list[Fault] = []
    trial = Trial(TrialState.APPLYING, asked.texts, beside.as_json())

    def put() -> None:
        record.save(host.files, trial)
        _tell(host, {"state": trial.state.value, "since": stamp(host.clock.now())})
        # That of the trial before may be about to end: to start it would do nothing then.
        _ = systemd.restart(host.run, KEEPER)
        trying.put(beside)

    def back() -> None:
        _ = take_back(turn, trial, "it could not be brought in force")

    def verify() -> None:
        faults.extend(trying.verify(wanted))
        if faults and not asked.is_attended:
            # Nobody is there to judge it.
            raise SeveralFailed(tuple(faults))

    steps = (
        Step("network.probe", lambda: trying.probe(wanted)),
        Step("network.beside", put, undo=back),
        Step("network.verify", verify),
    )
    _ = host.files.remove(_JOURNAL)
    _ = run_steps(steps, Journal(host.files, _JOURNAL), host.clock, tell=turn.tell)
    return tuple(faults)


def _wait(turn: Turn, asked: Asked, beside: Beside, faults: Sequence[Fault]) -> None:
    host = turn.host
    until_s = host.clock.monotonic_s() + asked.limit_s
    trial = Trial(TrialState.WAITING, asked.texts, beside.as_json(), until_s)
    record.save(host.files, trial)
    _tell(
        host,
        {
            "state": TrialState.WAITING.value,
            "settings": normal.redact(asked.texts),
            "since": stamp(host.clock.now()),
            "within_s": asked.limit_s,
            "faults": [fault.as_json() for fault in faults],
        },
    )


def _load(host: Host) -> Trial:
    """One that nobody takes back yet; raises NotNow."""
    trial = record.load(host.files)
    if trial is None or (trial.state is TrialState.WAITING and trial.is_over(host.clock)):
        raise NotNow(
            "no trial of the network is under way",
            hint="bandstand network trial says how the last one ended",
        )
    return trial


def _keep(turn: Turn, trial: Trial) -> dict[str, Any]:
    """Nothing permanent is written before this."""
    host, trying = turn.host, turn.trying
    accepted, beside = store.load(host.files), from_json(trial.beside)
    made, _ = _made(accepted, trial.asked)
    trial = trial._replace(state=TrialState.KEEPING)
    is_kept = False
    try:
        if not trying.stands(beside, made.effective().network):
            raise StepFailed(
                "what was tried does not stand any more, and was taken back",
                hint="the card lost its carrier, or something else set it anew; try it again",
                code="not-in-force",
            )
        record.save(host.files, trial)
        trying.hand_over(beside)
        said = _kept(turn, accepted, made, trial.asked, lambda: trying.tidy(beside))
        is_kept = True
    finally:
        if not is_kept:
            _ = take_back(turn, trial, "it could not be kept")
    record.clear(host.files)
    return said


def _kept(
    turn: Turn,
    accepted: Accepted,
    made: Accepted,
    texts: Mapping[str, str],
    tidy: Callable[[], None] = _nothing,
) -> dict[str, Any]:
    files = turn.host.files

    def keep() -> None:
        tidy()
        if made.own.network != accepted.own.network:
            _ = before.save(files, accepted.own.network)
        _ = store.save(files, made)

    outcome = _apply(turn, made, keep)
    righted.put_right(turn.host, _keys(texts), outcome.faults)
    return _told(turn, "kept", "", outcome)


def _apply(turn: Turn, made: Accepted, keep: Callable[[], None] = _nothing) -> Outcome:
    journal = Journal.load(turn.host.files, JOURNAL)
    return story.apply(turn.host, made, journal, tell=turn.tell, keep=keep, stages=turn.stages)


def _told(turn: Turn, state: str, because: str, outcome: Outcome | None = None) -> dict[str, Any]:
    """How it ended, in the status and as the answer."""
    said: dict[str, Any] = {"state": state, "since": stamp(turn.host.clock.now())}
    if because:
        said["because"] = because
    if outcome is not None:
        said["faults"] = [fault.as_json() for fault in outcome.faults]
    _tell(turn.host, said)
    return {**said, "seconds_left": 0}


def _tell(host: Host, said: Mapping[str, Any]) -> None:
    """What cannot be told is done all the same."""
    try:
        _ = fragment.put(host.files, PROCESS, {"trial": said})
        _ = merge.publish(host.files, host.clock)
    except (BandstandError, OSError) as error:
        log.warning("the trial of the network cannot be told: %s", error)
