"""A program on a real pseudo-terminal, read back through a terminal emulator."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Callable
from pathlib import Path

import pyte
import pytest

REPOSITORY = Path(__file__).parents[2]
_PATIENCE_S = 30


class Terminal:
    """A program on a pseudo-terminal, and what it drew."""

    def __init__(self, *argv: str, size: tuple[int, int] = (80, 25)) -> None:
        self.screen = pyte.Screen(*size)
        self.raw = b""
        self._stream = pyte.ByteStream(self.screen)
        self.pid, self._line = pty.fork()
        if self.pid == 0:
            os.chdir(REPOSITORY)
            environment = {**os.environ, "TERM": "linux", "LC_ALL": "C"}
            os.execve(sys.executable, [sys.executable, *argv], environment)
        os.set_blocking(self._line, False)
        self.resize(size)

    def resize(self, size: tuple[int, int]) -> None:
        fcntl.ioctl(self._line, termios.TIOCSWINSZ, struct.pack("4H", size[1], size[0], 0, 0))
        self.screen.resize(size[1], size[0])

    def type(self, keys: bytes) -> None:
        """What is drawn is read meanwhile, or both sides would wait for the other."""
        while keys:
            readable, writable, _ = select.select([self._line], [self._line], [], _PATIENCE_S)
            if not (readable or writable):
                pytest.fail(f"it reads nothing any more:\n{self.text()}")
            if readable and not self._read(0):
                return
            if writable:
                keys = keys[os.write(self._line, keys) :]

    def text(self) -> str:
        return "\n".join(self.screen.display)

    def until(self, is_there: Callable[[str], bool], timeout_s: float = 10) -> str:
        """Read until the screen satisfies; fails with the screen when it does not in time."""
        end_s = time.monotonic() + timeout_s
        while not is_there(self.text()):
            left_s = end_s - time.monotonic()
            if left_s <= 0 or not self._read(left_s):
                pytest.fail(f"the screen stayed:\n{self.text()}")
        return self.text()

    def _read(self, timeout_s: float) -> bool:
        ready, _, _ = select.select([self._line], [], [], timeout_s)
        try:
            words = os.read(self._line, 65536) if ready else b""
        except OSError:
            return False
        self.raw += words
        self._stream.feed(words)
        return bool(words)

    def quiet(self, for_s: float) -> None:
        """Read until nothing was said for so long."""
        while self._read(for_s):
            continue

    def cost(self, keys: bytes, is_there: Callable[[str], bool]) -> int:
        """How many bytes these keys made the program say."""
        self.quiet(0.3)
        before = len(self.raw)
        self.type(keys)
        self.until(is_there)
        self.quiet(0.3)
        return len(self.raw) - before

    def is_alive(self) -> bool:
        return os.waitpid(self.pid, os.WNOHANG) == (0, 0)

    def resident_kib(self) -> int:
        told = Path(f"/proc/{self.pid}/status").read_text(encoding="ascii")
        return int(told.partition("VmRSS:")[2].split()[0])

    def ended(self, timeout_s: float = 5) -> int:
        """Its exit status, waited for while its last words are read."""
        end_s = time.monotonic() + timeout_s
        while time.monotonic() < end_s and self._read(end_s - time.monotonic()):
            continue
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])

    def close(self) -> None:
        try:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        except (ProcessLookupError, ChildProcessError):
            pass
        os.close(self._line)
