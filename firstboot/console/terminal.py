"""urwid's screen, hardened: no bytes that come in end the program, or hold it up."""

from __future__ import annotations

import re
import signal
from collections.abc import Sequence

import urwid

from agent.typed import Literal

_UNDEFINED: tuple[Literal["undefined"], ...] = ("undefined",) * 5
# ESC [ M and ESC [ <: reports of a mouse, which no terminal is asked for.
_MOUSE = ((27, 91, 77), (27, 91, 60))
_LONGEST = 3
_ESC = 27
# Behind another ESC, urwid takes it for a key held with Meta, and breaks.
_PLACE = re.compile(rb"\x1b+\[[0-9]+;[0-9]+R")
# urwid calls itself for each ESC of a run, and reads what has no end yet anew with each reading.
_MOST_ESC, _LONGEST_SEQUENCE = 8, 64
_UNTOLD = (80, 24)


class Screen(urwid.display.raw.Screen):
    """Raw keys; no report of a mouse or of the cursor's place reaches the parser, which some of
    them would break; nor does what is far longer than any key.
    """

    def get_available_raw_input(self) -> list[int]:
        if len(self._partial_codes) > _LONGEST_SEQUENCE:
            self._partial_codes = []
        codes = with_few_esc(without_mouse(super().get_available_raw_input()))
        return without_places(codes)

    def get_cols_rows(self) -> tuple[int, int]:
        """A serial line says nothing of its size."""
        columns, rows = super().get_cols_rows()
        return (columns, rows) if columns > 0 and rows > 0 else _UNTOLD

    def start_raw(self) -> None:
        """Nothing may stop or suspend this screen, since nothing is behind it; its unit has
        SIGTERM. After the start, because that takes SIGTSTP for itself.
        """
        _ = self.start()
        _ = self.tty_signal_keys(*_UNDEFINED)
        ignore_keys()


def ignore_keys() -> None:
    """The signals that keys send."""
    for unwanted in (signal.SIGINT, signal.SIGQUIT, signal.SIGTSTP):
        _ = signal.signal(unwanted, signal.SIG_IGN)


def without_mouse(codes: Sequence[int]) -> list[int]:
    kept: list[int] = []
    at = 0
    while at < len(codes):
        if tuple(codes[at : at + _LONGEST]) in _MOUSE:
            at += _LONGEST
            continue
        kept.append(codes[at])
        at += 1
    return kept


def with_few_esc(codes: Sequence[int]) -> list[int]:
    """Of each run of them the last ones, since what follows may belong to those."""
    kept: list[int] = []
    run = 0
    for code in codes:
        run = run + 1 if code == _ESC else 0
        if run <= _MOST_ESC:
            kept.append(code)
    return kept


def without_places(codes: Sequence[int]) -> list[int]:
    return list(_PLACE.sub(b"", bytes(codes)))
