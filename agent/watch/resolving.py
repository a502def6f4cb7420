"""Whether resolvers that were silent at first boot answer by now; asked only while that is told."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from agent.network import resolvers
from agent.status import fragment
from agent.system import resolver
from agent.system.files import Files
from agent.system.host import Host
from agent.values.json_object import rows_of

_OVER = {"code": resolvers.CODE, "setting": resolvers.SETTING}


class Resolving:
    """Remembers which ones answered, all of them at once: another list is asked anew."""

    def __init__(self) -> None:
        self._answered: tuple[str, ...] | None = None

    def over(self, names: Sequence[str]) -> list[dict[str, str]]:
        """What this node's resolvers being `names` makes of the fault, as asked before."""
        return [dict(_OVER)] if self._answered == tuple(names) else []

    async def ask(self, host: Host, names: Sequence[str]) -> list[dict[str, str]]:
        """As `over`, where they answer only now; takes 3 s while they do not."""
        if self._answered == tuple(names) or not _is_told(host.files):
            return []
        asked = resolvers.parsed(names)
        if await asyncio.to_thread(resolver.silent, asked, host.clock):
            return []
        self._answered = tuple(names)
        return self.over(names)


def _is_told(files: Files) -> bool:
    standing = rows_of(fragment.get(files, "firstboot").get("faults"))
    return any(row.get("code") == resolvers.CODE for row in standing)
