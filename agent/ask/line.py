"""A connection to a socket of the node that is asked again and again, as a face does.

Who logged in is known to the other side by the connection, and forgotten with it.
"""

from __future__ import annotations

import select
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType

from agent.ask.wire import OnStep, connected, encode_request, exchange, result_of, unseen
from agent.errors import NotReachable, Unanswered
from agent.system.clock import Clock
from agent.typed import Any, BinaryIO, NamedTuple, Self

_NOTHING: Mapping[str, Any] = MappingProxyType({})


class _Open(NamedTuple):
    line: socket.socket
    stream: BinaryIO


class Line:
    """Connected when it is first asked, and anew after the other side hung up; for one thread at a
    time.

    `timeout_s` is the longest silence borne before a step, or the end, of an answer. A connection
    that was not used for `idle_s` is not trusted to be listened to still.
    """

    def __init__(
        self,
        path: str,
        *,
        timeout_s: float = 60,
        idle_s: float = float("inf"),
        clock: Clock | None = None,
    ) -> None:
        self._path, self._timeout_s, self._idle_s = path, timeout_s, idle_s
        self._clock = clock or Clock()
        self._used_s = 0.0
        self._open: _Open | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def connect(self) -> None:
        """Raises Unanswered where nobody answers; `ask` does so by itself."""
        with _own():
            _ = self._connected()

    def ask(
        self, verb: str, args: Mapping[str, Any] = _NOTHING, *, on_step: OnStep = unseen
    ) -> dict[str, Any]:
        """The result of a verb; raises the error that the other side answered with.

        After an Unanswered that says that it hung up, or said nothing, nobody knows how far it
        came; it may be asked again all the same, and nobody is logged in then.
        """
        request = encode_request(verb, args)
        with _own():
            end = self._end(request, on_step)
        return result_of(end)

    def _end(self, request: bytes, on_step: OnStep) -> dict[str, Any]:
        now = self._connected()
        is_answered = False
        try:
            end = exchange(now.line, now.stream, self._path, request, on_step)
            is_answered = True
            self._used_s = self._clock.monotonic_s()
        finally:
            if not is_answered:
                # What comes late would be taken for the answer to the next.
                self.close()
        return end

    def close(self) -> None:
        if self._open is not None:
            self._open.stream.close()
            self._open.line.close()
            self._open = None

    def _connected(self) -> _Open:
        is_old = self._clock.monotonic_s() - self._used_s > self._idle_s
        if self._open is not None and (is_old or _is_left(self._open.line)):
            self.close()
        if self._open is None:
            line = connected(self._path, self._timeout_s, clock=self._clock)
            self._open = _Open(line, line.makefile("rb"))
        return self._open


@contextmanager
def _own() -> Iterator[None]:
    """What goes wrong with the line is told apart from what its other end says of somebody else."""
    try:
        yield
    except NotReachable as error:
        raise Unanswered(error.message, hint=error.hint) from error


def _is_left(line: socket.socket) -> bool:
    """Between requests there is nothing to be read but that the other side hung up."""
    return bool(select.select([line], [], [], 0)[0])
