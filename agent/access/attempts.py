"""Tries that fail have to wait, longer each time: whoever tries, on however many connections.

    2 free -> 2 s -> 4 s -> 8 s ... -> 15 min each      an hour without one: free again

The record lies in /run and counts by the clock from the start of the machine, which nobody can set.
Of another boot such a time would say nothing; and who starts the machine anew to be free of it
waits longer for that than for most of these.
"""

from __future__ import annotations

import json
import math

from agent.access.places import FLEETING, alone, write
from agent.errors import NotNow
from agent.system.clock import Clock
from agent.system.files import Files
from agent.typed import NamedTuple
from agent.values.json_object import parse

LONGEST_S = 900
FORGOTTEN_S = 3600

_FREE = 2
_DOUBLED = 10


class Failed(NamedTuple):
    """How many in a row, and when the last one was (monotonic)."""

    tries: int = 0
    last_s: float = 0.0


def wait_s(failed: Failed, now_s: float) -> float:
    """How long the next try has to wait still."""
    if failed.tries <= _FREE:
        return 0.0
    delay_s = min(LONGEST_S, 1 << min(failed.tries - _FREE, _DOUBLED))
    return max(0.0, failed.last_s + delay_s - now_s)


def with_one_more(failed: Failed, now_s: float) -> Failed:
    is_old = now_s - failed.last_s > FORGOTTEN_S
    return Failed(1 if is_old else failed.tries + 1, now_s)


def begin(files: Files, clock: Clock, subject: str) -> None:
    """Before a try is judged it counts as failed, so that many at once are no way around.

    Raises NotNow, code `locked`, while it has to wait.
    """
    with alone(files, clock):
        now_s = clock.monotonic_s()
        failed = _load(files, subject)
        left_s = math.ceil(wait_s(failed, now_s))
        if left_s:
            raise NotNow(
                f"too many tries failed: the next one is taken in {left_s} s",
                hint="waiting is all that helps",
                code="locked",
            )
        _save(files, subject, with_one_more(failed, now_s))


def clear(files: Files, clock: Clock, subject: str) -> None:
    """The try was right."""
    with alone(files, clock):
        _ = files.remove(_name(subject))


def locked_for_s(files: Files, clock: Clock, subject: str) -> int:
    return math.ceil(wait_s(_load(files, subject), clock.monotonic_s()))


def _load(files: Files, subject: str) -> Failed:
    try:
        found = parse(files.read(_name(subject)) or "{}")
        return Failed(int(found["tries"]), float(found["last_s"]))
    except (ValueError, TypeError, KeyError):
        return Failed()


def _save(files: Files, subject: str, failed: Failed) -> None:
    write(files, _name(subject), json.dumps(failed._asdict()) + "\n")


def _name(subject: str) -> str:
    return f"{FLEETING}/failed-{subject}.json"
