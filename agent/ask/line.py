"""A connection that several requests go over, one after another: who logs in on it stays so."""

from __future__ import annotations

import socket
from collections.abc import Mapping

from agent.ask.wire import LIMIT_BYTES, OnStep, decode, encode_request, from_error
from agent.errors import NotReachable, UsageError
from agent.system.clock import Clock
from agent.typed import Any, BinaryIO, Self
from agent.values.json_object import object_of


def _unseen(_: dict[str, Any]) -> None:
    return None


class Line:
    """Connects with the first request, and anew with the one after a NotReachable; `timeout_s` is
    the longest silence borne.
    """

    def __init__(self, path: str, *, timeout_s: float = 60, clock: Clock | None = None) -> None:
        self._path = path
        self._timeout_s = timeout_s
        self._clock = clock or Clock()
        self._line: socket.socket | None = None
        self._stream: BinaryIO | None = None

    def ask(
        self, verb: str, args: Mapping[str, Any], *, on_step: OnStep = _unseen
    ) -> dict[str, Any]:
        """The result of a verb; raises the error that the other side answered with."""
        try:
            stream = self._connected()
            if self._line is not None:
                self._line.sendall(encode_request(verb, args))
            return self._result(stream, on_step)
        except NotReachable:
            self.close()
            raise
        except OSError as error:
            self.close()
            words = "said nothing in time" if isinstance(error, TimeoutError) else "does not answer"
            raise NotReachable(f"{self._path} {words}") from error

    def _connected(self) -> BinaryIO:
        if self._stream is None:
            self._line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            self._line.settimeout(self._timeout_s)
            self._line.connect(self._path)
            self._stream = self._line.makefile("rb")
        return self._stream

    def _result(self, stream: BinaryIO, on_step: OnStep) -> dict[str, Any]:
        while line := stream.readline(LIMIT_BYTES + 1):
            try:
                message = decode(line)
            except UsageError as error:
                raise NotReachable(f"{self._path} answered in another language") from error
            if "error" in message:
                raise from_error(object_of(message["error"]))
            if "result" in message:
                return object_of(message["result"])
            on_step(object_of(message.get("step")))
        raise NotReachable(f"{self._path} hung up before it answered")

    def close(self) -> None:
        if self._stream is not None:
            self._stream.close()
        if self._line is not None:
            self._line.close()
        self._line = self._stream = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
