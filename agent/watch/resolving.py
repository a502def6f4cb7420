"""Whether resolvers that were silent at first boot answer by now; asked only while that is told."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence

from agent.network import resolvers
from agent.status import fragment
from agent.system import resolver
from agent.system.files import Files
from agent.system.host import Host
from agent.system.resolver import Address
from agent.typed import Any
from agent.values.json_object import rows_of, text_of

_BETWEEN_S = 15.0
_OVER = {"code": resolvers.CODE, "setting": resolvers.SETTING}

log = logging.getLogger(__name__)


class Resolving:
    """Asks beside the rounds, since an answer that does not come is waited for. Those count that
    the fault names, as far as the node still asks them.
    """

    def __init__(self, host: Host) -> None:
        self._host = host
        self._well = ""
        self._asked_s = float("-inf")
        self._asking: asyncio.Task[None] | None = None

    def over(self, names: Sequence[str]) -> list[dict[str, str]]:
        """What the fault is, where it stands no longer: `names` are the node's resolvers now."""
        fault = self._standing()
        if fault is None:
            return []
        is_over = self._well == text_of(fault.get("message")) or (
            names and not _asked(fault, names)
        )
        return [dict(_OVER)] if is_over else []

    def look(self, names: Sequence[str], *, then: Callable[[], None]) -> None:
        """Begin to ask where it is time; `then` is called where they answered."""
        fault, now_s = self._standing(), self._host.clock.monotonic_s()
        if fault is None or self.over(names) or self._asking is not None:
            return
        asked = _asked(fault, names)
        if asked and now_s - self._asked_s >= _BETWEEN_S:
            self._asked_s = now_s
            self._asking = asyncio.ensure_future(self._ask(fault, asked, then))

    async def _ask(
        self, fault: Mapping[str, Any], asked: Sequence[Address], then: Callable[[], None]
    ) -> None:
        try:
            if not await asyncio.to_thread(resolver.silent, asked, self._host.clock):
                self._well = text_of(fault.get("message"))
                then()
        except OSError as error:
            log.warning("the resolvers could not be asked: %s", error)
        finally:
            self._asking = None

    def _standing(self) -> Mapping[str, Any] | None:
        told = _told(self._host.files)
        return next((row for row in told if all(row.get(key) == _OVER[key] for key in _OVER)), None)


def _told(files: Files) -> Sequence[Mapping[str, Any]]:
    return rows_of(fragment.get(files, "firstboot").get("faults"))


def _asked(fault: Mapping[str, Any], names: Sequence[str]) -> tuple[Address, ...]:
    """In one spelling: resolved has the zone of a link-local address as a number."""
    named = {resolvers.bare(one) for one in resolvers.named(text_of(fault.get("message")))}
    return tuple(one for one in resolvers.parsed(names) if resolvers.bare(one) in named)
