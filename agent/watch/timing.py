"""Whom the clock follows, asked of chrony now and then, beside the rounds."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from agent.system import chrony
from agent.system.host import Host
from agent.watch.network import Content

# Each time a program is run; more often only while somebody may wait for the time to be right.
_BETWEEN_S, _UNTIL_IT_IS_RIGHT_S = 60.0, 15.0
SYNCHRONISED, NOT_YET, SILENT = "synchronised", "not-synchronised", "silent"


class Timing:
    """Remembers what was said last."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._said: Content = {}
        self._asked_s = float("-inf")
        self._asking: asyncio.Task[None] | None = None

    def told(self) -> Content:
        """`time` {state, source}; nothing before the first answer."""
        return {"time": dict(self._said)} if self._said else {}

    def look(self, *, then: Callable[[], None]) -> None:
        """Begin to ask where it is time; `then` is called where the answer is another one."""
        is_right = self._said.get("state") == SYNCHRONISED
        between_s = _BETWEEN_S if is_right else _UNTIL_IT_IS_RIGHT_S
        now_s = self._host.clock.monotonic_s()
        if self._asking is None and now_s - self._asked_s >= between_s:
            self._asked_s = now_s
            self._asking = asyncio.ensure_future(self._ask(then))

    async def _ask(self, then: Callable[[], None]) -> None:
        try:
            said = of(await asyncio.to_thread(chrony.ask, self._host.run))
            if said != self._said:
                self._said = said
                then()
        finally:
            self._asking = None


def of(line: str) -> Content:
    """What chrony said, as the status has it."""
    found = chrony.parse(line)
    if found is None:
        return {"state": SILENT, "source": ""}
    # It names its last one for a while after it lost them all.
    source = found.source if found.is_synchronised else ""
    return {"state": SYNCHRONISED if found.is_synchronised else NOT_YET, "source": source}
