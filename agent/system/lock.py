"""The door to locks between processes: flock(2), which a dying process cannot leave behind."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from agent.errors import NotNow
from agent.system.clock import Clock
from agent.system.files import Files

CHANGE_LOCK = "/run/bandstand/lock"

_AGAIN_S = 0.05


class Held:
    """A lock that is held, and can be let go of for a while."""

    def __init__(self, handle: int, clock: Clock) -> None:
        self._handle, self._clock = handle, clock

    @contextmanager
    def released(self) -> Iterator[None]:
        """Others may have it meanwhile; taken again however long they need."""
        fcntl.flock(self._handle, fcntl.LOCK_UN)
        try:
            yield
        finally:
            _take(self._handle, float("inf"), self._clock)


@contextmanager
def locked(
    files: Files, name: str = CHANGE_LOCK, *, timeout_s: float = 60, clock: Clock | None = None
) -> Iterator[Held]:
    """Hold `name` alone; raises NotNow where another process holds it beyond `timeout_s`.

    The file is opened for reading, so that it may belong to whoever came first.
    """
    target = files.made_room(name)
    handle = os.open(target, os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, _mode(name))
    held = Held(handle, clock or Clock())
    try:
        _take(handle, timeout_s, clock or Clock())
        yield held
    finally:
        os.close(handle)


def _mode(name: str) -> int:
    """Whoever may open a lock may hold it: changes are root's alone, the status is shared."""
    return 0o600 if name == CHANGE_LOCK else 0o644


def _take(handle: int, timeout_s: float, clock: Clock) -> None:
    until_s = clock.monotonic_s() + timeout_s
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            if clock.monotonic_s() >= until_s:
                raise NotNow(
                    "another change of this node is under way", hint="try again when it is done"
                ) from error
            clock.pause(_AGAIN_S)
        else:
            return
