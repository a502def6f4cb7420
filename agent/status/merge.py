"""The fragments merged into status.json, and that file published."""

from __future__ import annotations

import json
from collections.abc import Mapping

from agent.status.fragment import PROCESSES, get
from agent.status.model import State, way_on
from agent.system.clock import Clock, stamp
from agent.system.files import Files
from agent.system.lock import locked
from agent.typed import Any
from agent.values.json_object import is_list, is_object, parse, rows_of, text_of

STATUS = "/run/bandstand/status.json"

_TURN = "/run/bandstand/status.lock"
# To which every process may have something to add.
_LISTS = ("faults", "notices")


def read(files: Files) -> dict[str, Any]:
    """What all processes say together, as of now."""
    merged: dict[str, Any] = {}
    for process in PROCESSES:
        merged = _over(merged, get(files, process))
    ended = rows_of(merged.pop("over", ()))
    if not merged.get("faults"):
        return merged
    told = [_whole(row) for row in rows_of(merged["faults"])]
    merged["faults"] = [row for row in told if not any(_is_one(row, over) for over in ended)]
    states = (State.READY, State.DEGRADED)
    if merged.get("state") in states:
        # Who told of faults called itself degraded, and does not learn that they are over.
        merged["state"] = State.DEGRADED if merged["faults"] else State.READY
    return merged


def publish(files: Files, clock: Clock | None = None) -> dict[str, Any]:
    """Write status.json, `updated` now; first boot and the agent may both do so at any time."""
    with locked(files, _TURN, timeout_s=5):
        status = read(files)
        status["updated"] = stamp((clock or Clock()).now())
        _ = files.write(STATUS, json.dumps(status) + "\n")
    return status


def published(files: Files) -> dict[str, Any]:
    """status.json as it lies there; empty where there is none to be read."""
    try:
        return parse(files.read(STATUS) or "{}")
    except (ValueError, OSError):
        return {}


def _is_one(row: Mapping[str, Any], over: Mapping[str, Any]) -> bool:
    """Whether it is the fault, by code and setting, that a process sees to stand no longer."""
    return all(row[key] == over.get(key) for key in ("code", "setting"))


def _whole(row: Mapping[str, Any]) -> dict[str, Any]:
    """A fault with all that interfaces promise of one: a hint too, where nobody gave it one."""
    setting = text_of(row.get("setting"))
    told = {"code": "failed", "setting": setting, "message": "", **row}
    return {**told, "hint": row.get("hint") or way_on(setting)}


def _over(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Objects merge key by key, faults and notices add up, anything else is replaced."""
    merged = dict(below)
    for key, value in above.items():
        merged[key] = _join(key, merged.get(key), value)
    return merged


def _join(key: str, old: Any, new: Any) -> Any:
    if is_object(old) and is_object(new):
        return _over(old, new)
    if key in _LISTS and is_list(old) and is_list(new):
        return old + [row for row in new if row not in old]
    return new
