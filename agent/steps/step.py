"""A step: a named, idempotent act, keyed by the hash of what it depends on."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from agent.digest import digest
from agent.typed import NamedTuple


class StepState(StrEnum):
    """waiting -> running -> done
                       -> failed    tried again by the next run
                       -> undone    its run was taken back
    skipped: its done-mark stands under the same key, and it still holds
    """

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    UNDONE = "undone"
    SKIPPED = "skipped"


def _always() -> bool:
    return True


def _nothing() -> None:
    return None


class Step(NamedTuple):
    """`act` does it, `undo` takes it back, `holds` says whether a done-mark is still true.

    `key` is the hash of the inputs: a step whose key changed runs again.
    """

    name: str
    act: Callable[[], object]
    key: str = ""
    undo: Callable[[], object] = _nothing
    holds: Callable[[], bool] = _always


def key_of(*inputs: object) -> str:
    """A stable hash over the text of the inputs; secrets go in only through a keyed hash."""
    whole = "\0".join(str(item) for item in inputs)
    return digest(whole.encode())
