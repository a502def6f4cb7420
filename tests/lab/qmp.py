"""QEMU's control socket: commands and events."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any

from tests.lab.call import LabError
from tests.lab.wait import Deadline, TooLate, until


class Qmp:
    """One connection; events are kept until somebody waits for them."""

    def __init__(self, path: Path, *, within_s: float = 20) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        until(lambda: self._connected(path), within_s=within_s, what="QEMU's control socket")
        self._buffer = b""
        self.events: list[str] = []
        _ = self._next(Deadline(within_s))
        self.ask("qmp_capabilities")

    def ask(self, command: str, *, within_s: float = 30, **arguments: Any) -> Any:
        """What a command returns; raises LabError with QEMU's sentence when it refuses."""
        wish = {"execute": command, "arguments": arguments} if arguments else {"execute": command}
        self._socket.sendall(json.dumps(wish).encode() + b"\n")
        deadline = Deadline(within_s)
        while True:
            message = self._next(deadline)
            if "error" in message:
                raise LabError(f"{command}: {message['error'].get('desc')}")
            if "return" in message:
                return message["return"]

    def wait(self, event: str, *, within_s: float) -> None:
        """Wait for an event, or take one that came already."""
        deadline = Deadline(within_s)
        while event not in self.events:
            _ = self._next(deadline)
        self.events.remove(event)

    def close(self) -> None:
        self._socket.close()

    def _connected(self, path: Path) -> bool:
        try:
            self._socket.connect(str(path))
        except (FileNotFoundError, ConnectionRefusedError):
            return False
        return True

    def _next(self, deadline: Deadline) -> dict[str, Any]:
        while b"\n" not in self._buffer:
            if not deadline.left_s:
                raise TooLate("QEMU did not answer in time")
            self._socket.settimeout(deadline.left_s)
            self._receive()
        line, _, self._buffer = self._buffer.partition(b"\n")
        message: dict[str, Any] = json.loads(line)
        if "event" in message:
            self.events.append(message["event"])
        return message

    def _receive(self) -> None:
        try:
            piece = self._socket.recv(65536)
        except TimeoutError as error:
            raise TooLate("QEMU did not answer in time") from error
        except ConnectionResetError:
            piece = b""
        if not piece:
            raise LabError("QEMU ended")
        self._buffer += piece
