"""Waiting for something to become true, with a deadline and the reason it was waited for."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from tests.lab.call import LabError

Seen = TypeVar("Seen")
_PAUSE_S = 0.2


class TooLate(LabError):
    """What was waited for did not come before its deadline."""


def until(
    look: Callable[[], Seen | None], *, within_s: float, what: str, pause_s: float = _PAUSE_S
) -> Seen:
    """Look again and again until something (not None, not False) is seen."""
    deadline = time.monotonic() + within_s
    while True:
        seen = look()
        if seen is not None and seen is not False:
            return seen
        if time.monotonic() >= deadline:
            raise TooLate(f"{what} did not come within {within_s:g} s")
        time.sleep(pause_s)


class Deadline:
    """A moment by which several waits together must be over."""

    def __init__(self, within_s: float) -> None:
        self._end = time.monotonic() + within_s

    @property
    def left_s(self) -> float:
        return max(0.0, self._end - time.monotonic())
