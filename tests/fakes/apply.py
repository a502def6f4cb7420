"""bandstand-apply as its clients meet it: a socket that takes every request down and grants it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from agent.ask import sockets
from agent.ask.serve import Peer, TellStep, answer_stream
from agent.ask.wire import Request
from agent.system.files import Files


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
