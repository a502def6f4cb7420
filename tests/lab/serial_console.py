"""The console on a guest's serial line, read back through a terminal emulator."""

from __future__ import annotations

import pyte

from tests.lab.serial import Serial
from tests.lab.wait import Deadline, TooLate

_COLUMNS, _ROWS = 80, 24
# An emulated machine is many times slower than a real one.
_SILENT_S = 3.0


class SerialConsole:
    """Somebody at the other end of the line, with a terminal of 80 columns and 24 rows."""

    def __init__(self, serial: Serial) -> None:
        self._serial = serial
        self._read = 0
        self._screen = pyte.Screen(_COLUMNS, _ROWS)
        self._stream = pyte.ByteStream(self._screen)

    def send(self, text: str) -> None:
        """As terminals do it: a line ends with the return key."""
        self._serial.send(text.replace("\n", "\r"))

    def see(self, words: str, *, gone: str = "", within_s: float) -> str:
        """Until `words` are on the screen and `gone`, where it is given, is not."""
        deadline = Deadline(within_s)
        while True:
            text = "\n".join(self._screen.display)
            if words in text and not (gone and gone in text):
                return text
            if not self._drawn(deadline.left_s):
                raise TooLate(f"{words!r} not on the serial line within {within_s:g} s:\n{text}")

    def paste(self, text: str, *, within_s: float) -> None:
        """Until its end is on the screen, and the line was silent for longer than the console takes
        what follows for a part of it.
        """
        self.send(text)
        _ = self._drawn(within_s)
        while self._drawn(_SILENT_S):
            continue

    def _drawn(self, within_s: float) -> bool:
        """Whether more was drawn in that time."""
        piece = self._serial.more(self._read, within_s=within_s)
        self._read += len(piece)
        self._stream.feed(piece)
        return bool(piece)
