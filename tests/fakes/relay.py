"""A machine in the middle: answers as a seed, with its own certificate, and passes all on."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import web

from agent.certs.self_signed import self_signed
from agent.system.clock import Clock
from agent.system.http import Talk
from tests.fakes.cluster_node import Loop


@dataclass
class Relay:
    """`heard` is every path and body that came by; `certificate` is what it showed."""

    to: tuple[str, int]
    heard: list[tuple[str, dict[str, Any]]] = field(
        default_factory=list[tuple[str, dict[str, Any]]]
    )

    async def answer(self, request: web.Request) -> web.Response:
        said = await request.json()
        self.heard.append((request.path, said))

        def pass_on() -> tuple[int, dict[str, Any]]:
            with Talk(*self.to, trust=None) as talk:
                reply = talk.post(request.path, said)
            return reply.status, reply.content

        status, content = await asyncio.to_thread(pass_on)
        return web.json_response(content, status=status)


@contextmanager
def relay(loop: Loop, folder: Path, *, to: tuple[str, int], at: tuple[str, int]) -> Iterator[Relay]:
    made = Relay(to)
    application = web.Application()
    _ = application.router.add_post("/{path:.*}", made.answer)
    runner = web.AppRunner(application)

    async def start() -> None:
        await runner.setup()
        await web.TCPSite(runner, *at, ssl_context=_context(folder)).start()

    asyncio.run_coroutine_threadsafe(start(), loop.loop).result(10)
    try:
        yield made
    finally:
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop.loop).result(10)


def _context(folder: Path) -> ssl.SSLContext:
    pair = self_signed(["seed.test"], [], now=Clock().now())
    certificate, key = folder / "relay.pem", folder / "relay.key"
    _ = certificate.write_text(pair.certificate_pem)
    _ = key.write_text(pair.key_pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context
