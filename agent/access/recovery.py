"""*Bandstand recovery* of the boot menu: that it was picked for this boot, and that it was used.

unused -> used: told in the status, over every boot -> seen: an administrator has read it
"""

from __future__ import annotations

import json

from agent.access.places import LASTING, write
from agent.status import fragment
from agent.system.clock import Clock, stamp
from agent.system.files import Files
from agent.typed import Any, NamedTuple
from agent.values.json_object import list_of, object_of, parse, text_of

WORD = "bandstand.recovery"
FILE = f"{LASTING}/recovery.json"
PROCESS = "access"

_KERNEL = "/proc/cmdline"


class Used(NamedTuple):
    """When last, and the verbs that were asked without a login."""

    at: str
    verbs: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        return {"at": self.at, "verbs": list(self.verbs)}


def is_booted(files: Files) -> bool:
    return WORD in (files.read(_KERNEL) or "").split()


def note(files: Files, clock: Clock, verb: str) -> None:
    """Before it is done: what is broken off was begun all the same."""
    before = used(files)
    verbs = tuple(dict.fromkeys((*(before.verbs if before else ()), verb)))
    write(files, FILE, json.dumps(Used(stamp(clock.now()), verbs).as_json()) + "\n")
    tell(files)


def used(files: Files) -> Used | None:
    """None where it was not, or has been seen."""
    text = files.read(FILE)
    if text is None:
        return None
    try:
        found = object_of(parse(text))
    except ValueError:
        found = {}
    verbs = tuple(text_of(verb) for verb in list_of(found.get("verbs")))
    return Used(text_of(found.get("at")), verbs)


def seen(files: Files) -> bool:
    """False where there was nothing to see."""
    was_there = files.remove(FILE)
    tell(files)
    return was_there


def tell(files: Files) -> None:
    """As the part of the status that says so; it is lost with each boot."""
    found = used(files)
    _ = fragment.put(files, PROCESS, {"recovery": found.as_json()} if found else {})
