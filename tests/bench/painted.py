"""A program on a pseudo-terminal of 80x25: when it drew, how much, and what that cost."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.lab.call import LabError

_WITHIN_S = 60.0
# A picture comes in several pieces; what is silent for as long has drawn all of it.
_STILL_S = 0.15
_ANSWER_S = 0.3
_SIZE = struct.pack("4H", 25, 80, 0, 0)


@dataclass(frozen=True)
class Answer:
    """What followed a key: bytes, and after how long the first came; None where none did."""

    drawn: int
    first_s: float | None


class Painted:
    """Started when it is made; `drawn` is how many bytes it wrote so far."""

    def __init__(self, argv: Sequence[str], environment: Mapping[str, str]) -> None:
        self._began_s = time.monotonic()
        self._pid, self._line = pty.fork()
        if self._pid == 0:
            _ = fcntl.ioctl(0, termios.TIOCSWINSZ, _SIZE)
            os.execve(argv[0], list(argv), dict(environment))
        self._said = b""

    @property
    def drawn(self) -> int:
        return len(self._said)

    def until(self, word: str) -> float:
        """The seconds from its start until it has written this."""
        while word.encode() not in self._said:
            if not self._read(_WITHIN_S):
                raise LabError(f"{word!r} was not drawn: {self._said[-500:]!r}")
        return time.monotonic() - self._began_s

    def still(self) -> None:
        """Wait until it has written something and then fallen silent, or is silent for good."""
        _ = self._read(1.5)
        while self._read(_STILL_S):
            continue

    def press(self, keys: bytes) -> Answer:
        before, began_s = self.drawn, time.monotonic()
        _ = os.write(self._line, keys)
        if not self._read(_ANSWER_S):
            return Answer(0, None)
        first_s = time.monotonic() - began_s
        while self._read(_STILL_S):
            continue
        return Answer(self.drawn - before, first_s)

    def resident_mb(self) -> float:
        found = re.search(r"VmRSS:\s+(\d+) kB", self._proc("status"))
        if found is None:
            raise LabError("it has ended")
        return int(found[1]) / 1024

    def cpu_ms(self, seconds: float) -> float:
        """What it computed during this time, in which nobody presses a key."""
        before, end_s = self._computed_ms(), time.monotonic() + seconds
        while (left_s := end_s - time.monotonic()) > 0:
            _ = self._read(left_s)
        return self._computed_ms() - before

    def end(self) -> None:
        os.kill(self._pid, signal.SIGKILL)
        _ = os.waitpid(self._pid, 0)
        os.close(self._line)

    def _computed_ms(self) -> float:
        return computed_ms(self._proc("schedstat"))

    def _proc(self, name: str) -> str:
        return Path(f"/proc/{self._pid}/{name}").read_text()

    def _read(self, within_s: float) -> bool:
        ready, _, _ = select.select([self._line], [], [], within_s)
        try:
            piece = os.read(self._line, 65536) if ready else b""
        except OSError:
            piece = b""
        self._said += piece
        return bool(piece)


def computed_ms(schedstat: str) -> float:
    """The first figure of /proc/PID/schedstat: nanoseconds on a processor."""
    return int(schedstat.split()[0]) / 1e6
