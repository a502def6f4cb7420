"""A clock that stands still until somebody waits by it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from agent.system.clock import Clock

_BEGIN = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


class FakeClock(Clock):
    """`pause` and `pass_s` move it on at once."""

    def __init__(self) -> None:
        self.passed_s = 0.0

    def now(self) -> datetime:
        return _BEGIN + timedelta(seconds=self.passed_s)

    def monotonic_s(self) -> float:
        return self.passed_s

    def pause(self, seconds: float) -> None:
        self.pass_s(seconds)

    def pass_s(self, seconds: float) -> None:
        self.passed_s += seconds
