"""bandstand-console: the screen on tty1, live and read-only; its unit starts it again for ever."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import urwid

from agent.errors import BandstandError
from agent.system.files import Files
from agent.system.host import Host
from agent.system.terminal import send_kernel_log_to
from agent.typed import Literal
from firstboot.console.model import Page
from firstboot.console.preview import Preview
from firstboot.console.source import Source
from firstboot.console.view import PALETTE, Face

_TICK_S = 1.0
# Whatever else wrote to the screen is painted over after this long.
_REPAINT_TICKS = 30
_LOG_TERMINAL = 12
_UNDEFINED: tuple[Literal["undefined"], ...] = ("undefined",) * 5


class Program:
    """The loop: a page a second, a fresh coat now and then, F5 for one at once."""

    def __init__(self, pages: Callable[[], Page], keys: Callable[[str], bool | None]) -> None:
        self._pages = pages
        self._keys = keys
        self._face = Face(pages())
        self._ticks = 0
        self._loop = urwid.MainLoop(
            self._face,
            PALETTE,
            urwid.display.raw.Screen(),
            handle_mouse=False,
            input_filter=self._heard,
            unhandled_input=self._unhandled,
        )

    def run(self) -> None:
        screen = self._loop.screen
        _ = screen.start()
        # Nothing may stop or suspend this screen, since nothing is behind it; its unit has SIGTERM.
        # After the start, because that takes SIGTSTP for itself.
        _ = screen.tty_signal_keys(*_UNDEFINED)
        for unwanted in (signal.SIGINT, signal.SIGQUIT, signal.SIGTSTP):
            _ = signal.signal(unwanted, signal.SIG_IGN)
        self._tick(self._loop, None)
        self._loop.run()

    def _tick(self, loop: urwid.MainLoop, _: object) -> None:
        self._face.show(self._pages())
        self._ticks += 1
        if self._ticks % _REPAINT_TICKS == 0:
            loop.screen.clear()
        _ = loop.set_alarm_in(_TICK_S, self._tick)

    def _heard(self, keys: list[str], _: list[int]) -> list[str]:
        """A size that changes while urwid draws leaves it believing that the old rows stand."""
        if "window resize" in keys:
            self._loop.screen.clear()
        return keys

    def _unhandled(self, key: str) -> bool | None:
        if key == "f5":
            self._loop.screen.clear()
            return True
        handled = self._keys(key)
        self._face.show(self._pages())
        return handled


def main(argv: Sequence[str] | None = None) -> int:
    args = _parser().parse_args(argv)
    try:
        if args.kernel_log:
            send_kernel_log_to(_LOG_TERMINAL)
            return 0
        _show(args)
    except BandstandError as error:
        _ = sys.stderr.write(f"{error.message}\n")
        return error.exit_code
    return 0


def _show(args: argparse.Namespace) -> None:
    urwid.set_encoding("utf-8")
    if args.preview:
        example = Preview()
        Program(example.page, example.press).run()
        return
    Program(Source(Host(files=Files(args.root))).page, _no_keys).run()


def _no_keys(_: str) -> bool | None:
    return None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="bandstand-console", description=__doc__)
    _ = parser.add_argument("--preview", action="store_true", help="show samples, on any terminal")
    _ = parser.add_argument(
        "--kernel-log",
        action="store_true",
        help=f"only send kernel messages to terminal {_LOG_TERMINAL}; needs root",
    )
    _ = parser.add_argument(
        "--serial", action="store_true", help="on a serial line, where what is shown may be kept"
    )
    _ = parser.add_argument("--root", type=Path, default=Path("/"), help="root of the node's files")
    return parser


if __name__ == "__main__":
    sys.exit(main())
