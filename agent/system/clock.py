"""The only door to time: monotonic for waiting, UTC for telling."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from agent.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from agent.system.files import Files

_RELEASE = "/etc/bandstand/release"


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


def built(files: Files) -> datetime | None:
    """When the image of this node was made, which no true clock is before; None if nobody says."""
    for line in (files.read(_RELEASE) or "").splitlines():
        name, _, text = line.partition("=")
        if name == "BUILT":
            return _moment(text.strip())
    return None


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
