"""The shell's window: closed, unless root opened it for some minutes.

closed -> open for some minutes -> closed: time is over, somebody closed it, the machine restarted
"""

from __future__ import annotations

import json
import math

from agent.access.places import FLEETING, write
from agent.errors import Fault, InputRefused
from agent.system.clock import Clock
from agent.system.files import Files
from agent.typed import Any, NamedTuple
from agent.values.json_object import parse

DEFAULT_MINUTES, LONGEST_MINUTES = 15, 240

_FILE = f"{FLEETING}/shell.json"


class Window(NamedTuple):
    """Whether a shell may be opened now, and for how long still."""

    is_open: bool
    left_s: int

    def as_json(self) -> dict[str, Any]:
        return {"open": self.is_open, "left_s": self.left_s}


def window(files: Files, clock: Clock) -> Window:
    """One whose record cannot be understood is closed."""
    try:
        until_s = float(parse(files.read(_FILE) or "{}")["until_s"])
        left_s = math.ceil(until_s - clock.monotonic_s())
    except (ValueError, TypeError, KeyError, OverflowError):
        return Window(is_open=False, left_s=0)
    is_open = 0 < left_s <= LONGEST_MINUTES * 60
    return Window(is_open=is_open, left_s=left_s if is_open else 0)


def open_for(files: Files, clock: Clock, minutes: object) -> Window:
    """From now on, whatever was left before; raises InputRefused."""
    if type(minutes) is not int or not 1 <= minutes <= LONGEST_MINUTES:
        accepted = f"accepted are whole minutes from 1 to {LONGEST_MINUTES}"
        raise InputRefused((Fault("minutes", f"{minutes!r} is no time; {accepted}"),))
    until_s = clock.monotonic_s() + minutes * 60
    write(files, _FILE, json.dumps({"until_s": until_s}) + "\n")
    return window(files, clock)


def close(files: Files) -> bool:
    """False where it was not open."""
    return files.remove(_FILE)
