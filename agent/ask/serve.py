"""Answer over a unix socket: a request, its steps, its end; and perhaps the next."""

from __future__ import annotations

import asyncio
import logging
import pwd
import socket
import struct
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass

from agent.ask.wire import LIMIT_BYTES, Request, as_error, decode_request, encode
from agent.errors import BandstandError, UsageError
from agent.typed import Any, BinaryIO

TellStep = Callable[[dict[str, Any]], None]

log = logging.getLogger(__name__)

_CREDENTIALS = struct.Struct("3i")


@dataclass(frozen=True)
class Peer:
    """Who is at the other end, by the kernel's word (SO_PEERCRED, unix(7))."""

    pid: int
    uid: int
    gid: int

    @property
    def user(self) -> str:
        try:
            return pwd.getpwuid(self.uid).pw_name
        except KeyError:
            return str(self.uid)


Handle = Callable[[Request, Peer, TellStep], dict[str, Any]]
HandleLater = Callable[[Request, Peer, TellStep], Awaitable[dict[str, Any]]]


def peer_of(line: socket.socket) -> Peer:
    raw = line.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    return Peer(*_CREDENTIALS.unpack(raw))


def answer(
    line: socket.socket, handle: Handle, *, timeout_s: float = 10, idle_s: float = 0
) -> None:
    """Serve a connected socket until its peer leaves; who left does not stop the work.

    The first request comes within `timeout_s`. For the next ones it is held for `idle_s` each.
    """
    late = as_error(UsageError(f"no request came within {timeout_s:g} seconds"))
    with line.makefile("rb") as stream:
        line.settimeout(timeout_s)
        request = _request(line, stream, late)
        while request is not None:
            line.settimeout(timeout_s)
            _answer_one(line, handle, request)
            line.settimeout(idle_s)
            # It would take a word about its silence for the answer to its next request.
            request = _request(line, stream, None) if idle_s else None


def _request(line: socket.socket, stream: BinaryIO, late: dict[str, Any] | None) -> Request | None:
    """None where the peer left, was silent too long, or said what nobody understands: what follows
    that is nothing to be understood either.
    """
    try:
        words = stream.readline(LIMIT_BYTES + 1)
        return decode_request(words) if words else None
    except TimeoutError:
        if late is not None:
            _send(line, late)
    except OSError:
        log.info("the asking side left before the end")
    except UsageError as error:
        _send(line, as_error(error))
    return None


def _answer_one(line: socket.socket, handle: Handle, request: Request) -> None:
    def tell(step: dict[str, Any]) -> None:
        _send(line, {"step": step})

    try:
        _send(line, {"result": handle(request, peer_of(line), tell)})
    except BandstandError as error:
        _send(line, as_error(error))
    except Exception as error:
        _send(line, _internal(error))
        raise


async def answer_stream(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    handle: HandleLater,
    *,
    timeout_s: float = 10,
) -> None:
    """The one request of a connection of asyncio.start_unix_server(..., limit=LIMIT_BYTES)."""

    def tell(step: dict[str, Any]) -> None:
        writer.write(encode({"step": step}))

    try:
        line = await asyncio.wait_for(_request_line(reader), timeout_s)
        result = await handle(decode_request(line), _peer_of_stream(writer), tell)
        writer.write(encode({"result": result}))
    except TimeoutError:
        writer.write(encode(as_error(UsageError(f"no request came within {timeout_s:g} seconds"))))
    except BandstandError as error:
        writer.write(encode(as_error(error)))
    except Exception as error:
        log.exception("a request failed")
        writer.write(encode(_internal(error)))
    await _close(writer)


async def _request_line(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.readline()
    except ValueError as error:  # what asyncio raises for a line above its limit
        raise UsageError(f"a message may have {LIMIT_BYTES} bytes at most") from error


def _peer_of_stream(writer: asyncio.StreamWriter) -> Peer:
    line: Any = writer.get_extra_info("socket")
    raw = line.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    return Peer(*_CREDENTIALS.unpack(raw))


async def _close(writer: asyncio.StreamWriter) -> None:
    try:
        await writer.drain()
        writer.close()
        await writer.wait_closed()
    except OSError:
        log.info("the asking side left before the end")


def _internal(error: Exception) -> dict[str, Any]:
    """Its type only: the message of a foreign exception may hold a secret."""
    return as_error(
        BandstandError(
            f"an error of the program itself: {type(error).__name__}",
            hint="the journal of the unit has the details",
            code="internal",
        )
    )


def _send(line: socket.socket, message: dict[str, Any]) -> None:
    """A message that went out by half is the last: what came after it could not be told apart."""
    try:
        line.sendall(encode(message))
    except OSError:
        log.info("the asking side left before the end")
        with suppress(OSError):
            line.shutdown(socket.SHUT_RDWR)
