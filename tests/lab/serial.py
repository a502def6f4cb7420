"""The serial line of a guest: all it said, and waiting for a line of it."""

from __future__ import annotations

import contextlib
import re
import socket
import threading
from pathlib import Path

from tests.lab.call import LabError
from tests.lab.wait import Deadline, TooLate, until

_PANIC = "Kernel panic - not syncing"


class GuestPanicked(LabError):
    """The guest's kernel died; under emulation that is no verdict on the appliance."""


class Serial:
    """Reads all the time, so that the guest never has to wait for a reader."""

    def __init__(self, path: Path, *, within_s: float = 20) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        until(lambda: self._connected(path), within_s=within_s, what="the serial line")
        self._said, self._raw = "", bytearray()
        self._more = threading.Condition()
        self._ended = False
        threading.Thread(target=self._read, daemon=True).start()

    @property
    def said(self) -> str:
        with self._more:
            return self._said

    @property
    def panicked(self) -> bool:
        return _PANIC in self.said

    def wait(self, pattern: str, *, within_s: float, after: int = 0) -> re.Match[str]:
        """The first match behind position `after`; a panic ends the wait."""
        deadline = Deadline(within_s)
        with self._more:
            while True:
                match = re.compile(pattern).search(self._said, after)
                if match:
                    return match
                self._refuse_the_dead(pattern)
                if not self._more.wait(deadline.left_s) and not deadline.left_s:
                    raise TooLate(f"{pattern!r} not on the serial line within {within_s:g} s")

    def more(self, after: int, *, within_s: float) -> bytes:
        """What came behind byte `after`, as it came; empty when nothing did in that time."""
        with self._more:
            _ = self._more.wait_for(lambda: len(self._raw) > after or self._ended, within_s)
            return bytes(self._raw[after:])

    def send(self, text: str) -> None:
        self._socket.sendall(text.encode())

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _refuse_the_dead(self, pattern: str) -> None:
        if _PANIC in self._said:
            raise GuestPanicked(self._said[-2000:])
        if self._ended:
            raise LabError(f"the guest ended before {pattern!r}: {self._said[-500:]}")

    def _connected(self, path: Path) -> bool:
        try:
            self._socket.connect(str(path))
        except (FileNotFoundError, ConnectionRefusedError):
            return False
        return True

    def _read(self) -> None:
        piece = b"-"
        while piece:
            try:
                piece = self._socket.recv(65536)
            except OSError:
                piece = b""
            with self._more:
                self._raw += piece
                self._said += piece.decode(errors="replace").replace("\r", "")
                self._ended = not piece
                self._more.notify_all()
