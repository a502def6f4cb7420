"""Run steps in order: skip what is done and still holds, tell each change, undo on failure."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from agent.errors import BandstandError
from agent.steps.journal import Entry, Journal
from agent.steps.step import Step, StepState
from agent.system.clock import Clock, stamp

Tell = Callable[[Entry], None]


def _untold(_: Entry) -> None:
    return None


def run_steps(
    steps: Sequence[Step], journal: Journal, clock: Clock, *, tell: Tell = _untold
) -> None:
    """Raises what a step raised, after taking back the steps of this call in reverse order."""
    done: list[Step] = []
    for step in steps:
        if journal.is_done(step.name, step.key) and step.holds():
            tell(Entry(step.name, StepState.SKIPPED, step.key))
            continue
        try:
            _run_one(step, journal, clock, tell)
        except BandstandError:
            _undo((*done, step), journal, tell)
            raise
        done.append(step)


def _run_one(step: Step, journal: Journal, clock: Clock, tell: Tell) -> None:
    started, began_s = stamp(clock.now()), clock.monotonic_s()
    tell(Entry(step.name, StepState.RUNNING, step.key, started))
    try:
        _ = step.act()
    except BandstandError:
        seconds = round(clock.monotonic_s() - began_s, 3)
        failed = Entry(step.name, StepState.FAILED, step.key, started, seconds)
        journal.put(failed)
        tell(failed)
        raise
    seconds = round(clock.monotonic_s() - began_s, 3)
    done = Entry(step.name, StepState.DONE, step.key, started, seconds)
    journal.put(done)
    tell(done)


def _undo(steps: Sequence[Step], journal: Journal, tell: Tell) -> None:
    for step in reversed(steps):
        _ = step.undo()
        entry = journal.entries[step.name]
        if entry.state is StepState.DONE:
            undone = Entry(step.name, StepState.UNDONE, step.key, entry.started, entry.seconds)
            journal.put(undone)
            tell(undone)
