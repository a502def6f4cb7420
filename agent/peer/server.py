"""The server on 13000: TLS 1.3, and the certificate of a client that has one."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Callable, Coroutine
from typing import Any

from aiohttp import web

from agent.cluster import standing
from agent.cluster.identity import KEY_FILE
from agent.cluster.member import Member
from agent.cluster.site import Site
from agent.errors import NotNow
from agent.peer.routes import Routes
from agent.system.files import Files

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
        with self._turn:
            if self._runner is None:
                routes = Routes(site, node_id, member)
                self._runner = self._await(self._start(routes, server_context(site.files)))

    def close(self) -> None:
        with self._turn:
            runner, self._runner = self._runner, None
            if runner is not None:
                self._await(runner.cleanup())

    def _await(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(_PATIENCE_S)

    async def _start(self, routes: Routes, context: ssl.SSLContext) -> web.AppRunner:
        runner = web.AppRunner(routes.application(), access_log=None, shutdown_timeout=2)
        await runner.setup()
        try:
            await web.TCPSite(runner, self._host, self._port, ssl_context=context).start()
        except OSError as error:
            await runner.cleanup()
            raise NotNow(
                f"the port {self._port} is taken by another program",
                hint="ss -tlnp shows which",
                code="port-taken",
            ) from error
        return runner


def server_context(files: Files) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.load_cert_chain(files.path(standing.CERTIFICATE_FILE), files.path(KEY_FILE))
    context.load_verify_locations(files.path(standing.ROOT_FILE))
    context.verify_mode = ssl.CERT_OPTIONAL
    return context
