"""The server on 13000: TLS 1.3, and the certificate of a client that has one."""

from __future__ import annotations

import ssl

from aiohttp import web

from agent.cluster import standing
from agent.cluster.identity import KEY_FILE
from agent.errors import NotNow
from agent.peer.routes import Routes
from agent.system.files import Files


class PeerServer:
    """Listens from `start` to `stop`; it needs a certificate of the cluster."""

    def __init__(self, routes: Routes, host: str, port: int) -> None:
        self._routes = routes
        self._host = host
        self._port = port
        self._runner: web.AppRunner | None = None

    @property
    def is_open(self) -> bool:
        return self._runner is not None

    async def start(self) -> None:
        """Once; a second call changes nothing."""
        if self._runner is not None:
            return
        context = server_context(self._routes.site.files)
        runner = web.AppRunner(
            self._routes.application(), access_log=None, handler_cancellation=False
        )
        await runner.setup()
        try:
            await web.TCPSite(
                runner, self._host, self._port, ssl_context=context, reuse_address=True
            ).start()
        except OSError as error:
            await runner.cleanup()
            raise NotNow(
                f"the port {self._port} is taken by another program", code="port-taken"
            ) from error
        self._runner = runner

    async def stop(self) -> None:
        runner, self._runner = self._runner, None
        if runner is not None:
            await runner.cleanup()


def server_context(files: Files) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.load_cert_chain(files.path(standing.CERTIFICATE_FILE), files.path(KEY_FILE))
    context.load_verify_locations(files.path(standing.ROOT_FILE))
    context.verify_mode = ssl.CERT_OPTIONAL
    return context
