"""Where the port of the peers is opened and closed; a node without a cluster loads no server."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine

from agent.cluster.member import Member
from agent.cluster.site import Site
from agent.typed import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from aiohttp import web

_PATIENCE_S = 20


class PeerDoor:
    """Opened and closed from threads; the server itself runs in the loop that made this."""

    def __init__(self, loop: asyncio.AbstractEventLoop, host: str, port: int) -> None:
        self._loop = loop
        self._host = host
        self._port = port
        self._runner: web.AppRunner | None = None
        self._turn = threading.Lock()

    def open(self, site: Site, node_id: str, member: Callable[[], Member | None]) -> None:
        """Once; a second call changes nothing."""
        from agent.peer.routes import Routes
        from agent.peer.server import server_context, start

        with self._turn:
            if self._runner is None:
                application = Routes(site, node_id, member).application()
                context = server_context(site.files)
                self._runner = self._await(start(application, self._host, self._port, context))

    def close(self) -> None:
        with self._turn:
            runner, self._runner = self._runner, None
            if runner is not None:
                self._await(runner.cleanup())

    def _await(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(_PATIENCE_S)
