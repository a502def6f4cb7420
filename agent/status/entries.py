"""What happens on a node, as entries of systemd's journal; each kind has a MESSAGE_ID of its own.

Their fields: BANDSTAND_PHASE, _STEP, _STATE, _SECONDS, _CODE, _SETTING, _HINT, _CATEGORY, _TOOK,
_FAULTS, _SOURCE.
`journalctl BANDSTAND_SETTING=tls.key` finds what was ever wrong with it.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping

from agent.errors import Fault
from agent.status.model import way_on
from agent.system import journald
from agent.system.files import Files
from agent.system.journald import Priority

FAULT = "5ad04e9e2421425b9c4a05c4549331b3"
OVER = "0416f2b3a4f7447299f43f8cff5ccae6"
FALLBACK = "a8b5c0d25c8a4af19f12c99b0644015c"
STEP = "620bf3b9715240bfa1c963dac69a913c"
STATE = "2d0e641c98cd4aa682474cc588d00e5d"

_BAD_STEPS = ("failed", "undone")


def fault(files: Files, found: Fault, *, phase: str = "") -> None:
    """A fault that is new."""
    words = f"{found.setting}: {found.message}"
    _put(files, words, Priority.WARNING, FAULT, {**_about(found), "BANDSTAND_PHASE": phase})


def over(files: Files, found: Fault) -> None:
    """A fault that stands no longer."""
    _put(files, f"over: {found.setting}: {found.message}", Priority.NOTICE, OVER, _about(found))


def fallback(files: Files, category: str, took: str) -> None:
    fields = {"BANDSTAND_CATEGORY": category, "BANDSTAND_TOOK": took}
    words = f"{category} takes {took} instead of what was asked"
    _put(files, words, Priority.WARNING, FALLBACK, fields)


def step(files: Files, name: str, state: str, *, seconds: float, phase: str = "") -> None:
    """A step that ended, well or not."""
    priority = Priority.ERROR if state in _BAD_STEPS else Priority.INFO
    fields = {
        "BANDSTAND_STEP": name,
        "BANDSTAND_STATE": state,
        "BANDSTAND_SECONDS": f"{seconds:.3f}",
        "BANDSTAND_PHASE": phase,
    }
    _put(files, f"{name}: {state} ({seconds:.1f} s)", priority, STEP, fields)


def state(files: Files, said: str, *, phase: str, faults: int, source: str) -> None:
    """The node came to stand so."""
    fields = {
        "BANDSTAND_STATE": said,
        "BANDSTAND_PHASE": phase,
        "BANDSTAND_FAULTS": faults,
        "BANDSTAND_SOURCE": source,
    }
    count = f", {faults} problem{'' if faults == 1 else 's'}" if faults else ""
    words = f"this node is {said}{count}"
    _put(files, words, Priority.WARNING if faults else Priority.NOTICE, STATE, fields)


def _about(found: Fault) -> dict[str, str]:
    return {
        "BANDSTAND_SETTING": found.setting,
        "BANDSTAND_CODE": found.code,
        "BANDSTAND_HINT": found.hint or way_on(found.setting),
    }


def _put(
    files: Files, words: str, priority: Priority, message_id: str, fields: Mapping[str, object]
) -> None:
    is_taken = journald.send(files, words, priority=priority, message_id=message_id, fields=fields)
    if not is_taken:
        # Where there is no journal, what starts us reads this.
        _ = sys.stderr.write(words + "\n")
