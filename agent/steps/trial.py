"""A trial: something in force beside what is accepted, until somebody confirms it.

    applying -> waiting -> keeping -> gone: kept
            `-> gone   `-> gone   `-> gone: taken back

The record lies where a reboot takes it away, as it takes all that a trial sets. Each change of it
is made by who holds the lock of changes; so who has that lock, and finds a trial that is being
applied or kept, knows that the process which did so died.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import StrEnum

from agent.errors import NotNow
from agent.status.words import ago
from agent.system.clock import Clock
from agent.system.files import Files
from agent.typed import Any, NamedTuple
from agent.values.json_object import object_of, parse, text_of

# How long a person has to say that it works: the one place for it.
LIMIT_S = 60

# Root's own: what stands in the record steers what root takes back.
FOLDER = "/run/bandstand-trial"
_RECORD = f"{FOLDER}/record.json"
_RUNNING = "trial-running"


class TrialState(StrEnum):
    """As drawn above; one that is gone has no record."""

    APPLYING = "applying"
    WAITING = "waiting"
    KEEPING = "keeping"


class Trial(NamedTuple):
    """`asked` are the settings as they were given, `beside` what was set for it, as its room wrote
    it down; `until_s` is of the clock that counts from the start of the machine.
    """

    state: TrialState
    asked: Mapping[str, str]
    beside: Mapping[str, Any]
    until_s: float = 0.0

    def left_s(self, clock: Clock) -> float:
        return max(0.0, self.until_s - clock.monotonic_s())

    def is_over(self, clock: Clock) -> bool:
        """Nobody confirmed it in time, or nobody can: its process died. For who holds the lock."""
        return self.state is not TrialState.WAITING or not self.left_s(clock)


def load(files: Files) -> Trial | None:
    """The running one; none where there is no record, or none that can be understood."""
    try:
        found = parse(files.read(_RECORD) or "{}")
        asked = {key: text_of(text) for key, text in object_of(found.get("asked")).items()}
        state, until_s = TrialState(text_of(found.get("state"))), float(found["until_s"])
    except (ValueError, TypeError, KeyError, PermissionError):
        return None
    return Trial(state, asked, object_of(found.get("beside")), until_s)


def save(files: Files, trial: Trial) -> None:
    """What was asked may hold the credentials of a proxy, so root alone reads it."""
    files.make_folder(FOLDER, mode=0o700)
    _ = files.write(_RECORD, json.dumps(trial._asdict()) + "\n", mode=0o600)


def clear(files: Files) -> None:
    _ = files.remove(_RECORD)


def refuse_beside(files: Files, clock: Clock) -> None:
    """Raises NotNow while one is running: what comes meanwhile would not know what holds."""
    trial = load(files)
    if trial is not None:
        raise NotNow(
            f"a trial of the network is under way, for {ago(trial.left_s(clock))} more",
            hint="bandstand network confirm keeps it, bandstand network undo takes it back",
            code=_RUNNING,
        )
