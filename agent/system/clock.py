"""The only door to time: monotonic for waiting, UTC for telling."""

from __future__ import annotations

import time
from datetime import UTC, datetime


class Clock:
    """Real time; tests hand in one of their own."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic_s(self) -> float:
        return time.monotonic()

    def pause(self, seconds: float) -> None:
        """Wait where nothing tells when it is time; prefer an event."""
        time.sleep(seconds)


def stamp(moment: datetime) -> str:
    """A moment as RFC 3339 text in UTC, to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
