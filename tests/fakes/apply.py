"""bandstand-apply as its clients meet it: a socket, or a call, that takes every request down."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from agent.ask import sockets
from agent.ask.serve import Peer, TellStep, answer_stream
from agent.ask.wire import Request
from agent.system.files import Files


class Apply:
    """In place of the function that asks it; each answer is what it `says`."""

    def __init__(self, says: Mapping[str, Any] | None = None) -> None:
        self.asked: list[tuple[str, Mapping[str, Any]]] = []
        self.says: dict[str, Any] = dict(says or {})

    def __call__(self, _: object, verb: str, args: Mapping[str, Any], **__: Any) -> dict[str, Any]:
        self.asked.append((verb, args))
        return self.says


@asynccontextmanager
async def granting(files: Files) -> AsyncIterator[list[Request]]:
    """Those asked so far, in their order."""
    asked: list[Request] = []

    async def act(request: Request, _: Peer, __: TellStep) -> dict[str, Any]:
        asked.append(request)
        return {}

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await answer_stream(reader, writer, act)

    async with await asyncio.start_unix_server(connected, files.made_room(sockets.APPLY)):
        yield asked
