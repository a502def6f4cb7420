"""Run steps in order: skip what is done and still holds, tell each change, undo on failure."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

from agent.errors import BandstandError, StepFailed
from agent.steps.journal import Entry, Journal
from agent.steps.step import Step, StepState
from agent.system.clock import Clock, stamp

Tell = Callable[[Entry], None]


def untold(_: Entry) -> None:
    """Tell nobody."""


def run_steps(
    steps: Sequence[Step], journal: Journal, clock: Clock, *, tell: Tell = untold
) -> tuple[Step, ...]:
    """Return the steps that were acted, for a later `undo_steps`.

    Raises what a step raised, after taking back the steps of this call in reverse order.
    """
    done: list[Step] = []
    for step in steps:
        if journal.is_done(step.name, step.key) and step.holds():
            tell(Entry(step.name, StepState.SKIPPED, step.key))
            continue
        done.append(step)
        is_done = False
        try:
            _run_one(step, journal, clock, tell)
            is_done = True
        finally:
            if not is_done:
                undo_steps(done, journal, tell=tell)
    return tuple(done)


def undo_steps(steps: Sequence[Step], journal: Journal, *, tell: Tell = untold) -> None:
    """Take back, last first; the done-marks go with them, so that the next run does them again."""
    for step in reversed(steps):
        try:
            _ = step.undo()
        except (BandstandError, OSError) as error:
            # What went wrong first is what is raised; the others are still taken back.
            _complain(f"{step.name} could not be taken back: {error}")
        entry = journal.entries.get(step.name)
        if entry is not None and entry.state is StepState.DONE:
            undone = Entry(step.name, StepState.UNDONE, step.key, entry.started, entry.seconds)
            _note(undone, journal)
            tell(undone)


def _note(undone: Entry, journal: Journal) -> None:
    """A disk too full for the mark must not keep the other steps from being taken back."""
    try:
        journal.put(undone)
    except OSError as error:
        _complain(f"that {undone.name} was taken back could not be taken down: {error}")


def _complain(words: str) -> None:
    """What starts us keeps this; `logging` would cost a first boot more than its network does."""
    _ = sys.stderr.write(f"{words}\n")


def _run_one(step: Step, journal: Journal, clock: Clock, tell: Tell) -> None:
    started, began_s = stamp(clock.now()), clock.monotonic_s()
    tell(Entry(step.name, StepState.RUNNING, step.key, started))
    try:
        _ = step.act()
    except BandstandError:
        _ended(step, StepState.FAILED, (started, began_s), journal, clock, tell)
        raise
    except OSError as error:
        _ended(step, StepState.FAILED, (started, began_s), journal, clock, tell)
        raise StepFailed(f"{step.name} could not be done: {error}") from error
    _ended(step, StepState.DONE, (started, began_s), journal, clock, tell)


def _ended(
    step: Step,
    state: StepState,
    since: tuple[str, float],
    journal: Journal,
    clock: Clock,
    tell: Tell,
) -> None:
    started, began_s = since
    seconds = round(clock.monotonic_s() - began_s, 3)
    entry = Entry(step.name, state, step.key, started, seconds)
    journal.put(entry)
    tell(entry)
