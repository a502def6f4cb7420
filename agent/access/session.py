"""Who logged in on one connection: it ends with that, and after ten minutes without a request."""

from __future__ import annotations

from agent.system.clock import Clock

LIMIT_S = 600


class Session:
    """Of one connection, logged out at first; by the clock that nobody sets."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._until_s: float | None = None

    @property
    def is_logged_in(self) -> bool:
        return self._until_s is not None and self._clock.monotonic_s() < self._until_s

    def log_in(self) -> None:
        self._until_s = self._clock.monotonic_s() + LIMIT_S

    def renew(self) -> None:
        """Something was asked that needs the login; one that is over stays so."""
        if self.is_logged_in:
            self.log_in()

    def log_out(self) -> None:
        self._until_s = None
