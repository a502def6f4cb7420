"""urwid's screen, hardened: bytes that steer its reading of a mouse end no program here."""

from __future__ import annotations

import signal
from collections.abc import Sequence

import urwid

from agent.typed import Literal

_UNDEFINED: tuple[Literal["undefined"], ...] = ("undefined",) * 5
# ESC [ M and ESC [ <: reports of a mouse, which no terminal is asked for.
_MOUSE = ((27, 91, 77), (27, 91, 60))
_LONGEST = 3
_UNTOLD = (80, 24)


class Screen(urwid.display.raw.Screen):
    """Raw keys; no report of a mouse reaches the parser, which some of them would break."""

    def get_available_raw_input(self) -> list[int]:
        return without_mouse(super().get_available_raw_input())

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
