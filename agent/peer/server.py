"""The server on 13000: TLS 1.3, and the certificate of a client that has one."""

from __future__ import annotations

import ssl

from aiohttp import web

from agent.cluster import standing
from agent.cluster.identity import KEY_FILE
from agent.errors import NotNow
from agent.system.files import Files


async def start(
    application: web.Application, host: str, port: int, context: ssl.SSLContext
) -> web.AppRunner:
    """Listens until the runner is cleaned up."""
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=2, keepalive_timeout=30)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port, ssl_context=context).start()
    except OSError as error:
        await runner.cleanup()
        raise NotNow(
            f"the port {port} is taken by another program",
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
