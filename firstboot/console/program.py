"""bandstand-console: the program on tty1 and serial lines; its unit starts it again for ever."""

from __future__ import annotations

import argparse
import os
import sys
import threading
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import urwid

from agent.ask import sockets
from agent.ask.line import Line
from agent.errors import BandstandError
from agent.status.merge import STATUS
from agent.system.changes import Changes
from agent.system.clock import Clock
from agent.system.files import Files
from agent.system.host import Host
from agent.system.terminal import is_virtual_terminal
from agent.typed import Protocol
from firstboot.console import crash
from firstboot.console.asking import Asker, Asking, Stepped
from firstboot.console.desk import Desk, Source
from firstboot.console.pace import CLOSE_S, Pace
from firstboot.console.source import FileSource
from firstboot.console.terminal import Screen, ignore_keys
from firstboot.console.view import PALETTES, USUAL, Face
from firstboot.console.world import LINES, WHOLE

_TICK_S, _STILL_TICK_S = 1.0, 15.0
# Whatever else wrote to the screen is painted over after this long.
_REPAINT_S = 120.0
# Behind a first boot that holds the lock, a DHCP server and nginx, each as slow as it may be.
_PATIENCE_S = 180.0
_CRASHED = 70
# No exit code of ours: the other face takes over.
_SWITCHED = -1
_AS_LINES = ("--plain", "--switched")
_WIPED = "\x1b[0m\x1b[2J\x1b[H"
BROKE = "This screen broke and starts again in a moment"

Keys = Callable[[str], bool]
# Takes the id of a report and its text.
WriteDown = Callable[[str, str], None]


class Runs(Protocol):
    """A face."""

    desk: Desk

    def run(self) -> None: ...


class Program:
    """The loop: keys and answers to the desk, the desk to the screen; F5 for a coat at once."""

    def __init__(
        self, source: Source, asker: Asker, keys: Keys, *, follows: Path | None = None
    ) -> None:
        self._asking = Asking(asker, self._wake)
        self.desk = Desk(source, self._asking, other_face=LINES)
        self._face = Face(self.desk)
        self._keys = keys
        self._wears = USUAL
        self._unpainted_s = 0.0
        self._screen = Screen()
        self._loop = urwid.MainLoop(
            self._face,
            PALETTES[USUAL],
            self._screen,
            handle_mouse=False,
            input_filter=self._typed,
        )
        self._pipe = self._loop.watch_pipe(self._heard)
        self._alarm: object = None
        self._is_slow = False
        self._pace = Pace()
        self._pause: object = None
        self._is_read = False
        if follows is not None:
            self._follow(follows)

    def run(self) -> None:
        self._screen.start_raw()
        self._tick(self._loop, None)
        _ = self._loop.set_alarm_in(0, self._look_when_drawn)
        self._loop.run()

    def _look_when_drawn(self, loop: urwid.MainLoop, _: object) -> None:
        """Of what is called when nothing is to be read, what is added last comes last."""
        _ = loop.event_loop.enter_idle(self._drawn)

    def _follow(self, folder: Path) -> None:
        """What happens there is looked at at once; made anew each time, since it may come or go."""
        changes = Changes(folder)

        def changed() -> None:
            _ = self._loop.remove_watch_file(handle)
            changes.close()
            self._follow(folder)
            self.desk.tick()
            self._look()

        handle = self._loop.watch_file(changes.fileno(), changed)

    def _wake(self) -> None:
        _ = os.write(self._pipe, b".")

    def _heard(self, _: bytes) -> bool:
        for heard in self._asking.heard():
            if isinstance(heard, Stepped):
                self.desk.hear_step(heard.ask, heard.step)
            else:
                self.desk.hear(heard)
        self._look()
        return True

    def _tick(self, loop: urwid.MainLoop, _: object) -> None:
        self.desk.tick()
        self._look()
        self._is_slow = self.desk.mark is not None
        next_s = _STILL_TICK_S if self._is_slow else _TICK_S
        self._unpainted_s += next_s
        if self._unpainted_s >= _REPAINT_S:
            self._unpainted_s = 0.0
            loop.screen.clear()
        self._alarm = loop.set_alarm_in(next_s, self._tick)

    def _hurry(self) -> None:
        """Where something goes on again, the next tick is near."""
        if self._is_slow and self.desk.mark is None:
            self._is_slow = False
            _ = self._loop.remove_alarm(self._alarm)
            self._alarm = self._loop.set_alarm_in(_TICK_S, self._tick)

    def _look(self) -> None:
        if self.desk.wears and self.desk.wears != self._wears:
            self._wears = self.desk.wears
            self._screen.register_palette(PALETTES[self._wears])
            self._screen.clear()
        if self.desk.switched:
            raise urwid.ExitMainLoop
        self._face.look()
        self._hurry()

    def _typed(self, keys: list[str], _: list[int]) -> list[str]:
        """A size that changes while urwid draws leaves it believing that the old rows stand."""
        is_resized = "window resize" in keys
        if is_resized or "f5" in keys or "ctrl l" in keys:
            self._screen.clear()
        self._press([key for key in keys if not self._keys(key)])
        self._look()
        return ["window resize"] if is_resized else []

    def _press(self, keys: list[str]) -> None:
        now_s = self.desk.world().monotonic_s
        for press in self._pace.take(keys, now_s, is_typing=self.desk.is_typing):
            self.desk.press(press)
        self._is_read = True
        if self._pause is not None:
            _ = self._loop.remove_alarm(self._pause)
            self._pause = None

    def _drawn(self) -> None:
        """Nothing more is there to be read, and what was read is on the screen."""
        if not self._is_read:
            return
        self._is_read = False
        self._pace.done(self.desk.world().monotonic_s)
        if self._pace.holds:
            self._pause = self._loop.set_alarm_in(CLOSE_S, self._silent)

    def _silent(self, _: urwid.MainLoop, __: object) -> None:
        self._pause = None
        for press in self._pace.release():
            self.desk.press(press)
        self._look()


def main(argv: Sequence[str] | None = None) -> int:
    args = _parser().parse_args(argv)
    try:
        code = _show(args)
        return _other_face(args) if code == _SWITCHED else code
    except BandstandError as error:
        _ = sys.stderr.write(f"{error.message}\n")
        return error.exit_code


def _show(args: argparse.Namespace) -> int:
    urwid.set_encoding("utf-8")
    host = Host(files=Files(args.root))
    if args.preview:
        # Nothing of it is needed on a node.
        from firstboot.console.preview import Preview

        preview = Preview()
        if args.plain:
            return _talk(preview, preview, args, host.clock, _show_report)
        return _run(Program(preview, preview, preview.press), host.clock, _show_report)
    is_recorded = args.serial or args.plain
    is_private = not is_recorded and is_virtual_terminal(sys.stdout.fileno())
    source = FileSource(host, is_private=is_private)
    write_down = partial(_keep_report, host.files)
    with Line(host.files.place(sockets.APPLY), timeout_s=_PATIENCE_S) as line:
        if args.plain:
            return _talk(source, line, args, host.clock, write_down)
        folder = host.files.path(STATUS).parent
        program = Program(source, line, _no_keys, follows=folder)
        return _run(program, host.clock, write_down)


def _other_face(args: argparse.Namespace) -> int:
    """The same program started anew in its place, since nobody else may use the connection and what
    waits for it; a login ends by that.
    """
    ignore_keys()
    _ = sys.stdout.write(_WIPED)
    _ = sys.stdout.flush()
    former = [one for one in sys.orig_argv if one not in _AS_LINES]
    argv = [*former, *(() if args.plain else _AS_LINES)]
    os.execv(sys.executable, argv)  # noqa: S606 - our own command line, which no shell reads


def _talk(
    source: Source, asker: Asker, args: argparse.Namespace, clock: Clock, write_down: WriteDown
) -> int:
    # The full screen, which is what most nodes show, does without it.
    from firstboot.console.plain import Plain
    from firstboot.console.talk import Talk

    plain = Plain(source, asker, Talk(), other_face=WHOLE if args.switched else "")
    code = _run(plain, clock, write_down)
    return _SWITCHED if args.switched and not code else code


def _run(program: Runs, clock: Clock, write_down: WriteDown) -> int:
    """The one place where anything at all is caught: a dead screen helps nobody."""

    def died(args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None:
            write_down(*crash.report(args.exc_value, screen="asking", clock=clock))

    threading.excepthook = died
    try:
        program.run()
    except Exception as error:  # noqa: BLE001 - it is written down, and the unit starts anew
        name, text = crash.report(error, screen=program.desk.top.noun, clock=clock)
        _ = sys.stdout.write(f"{_WIPED}{BROKE} (report {name}).\r\n")
        _ = sys.stdout.flush()
        write_down(name, text)
        return _CRASHED
    return _SWITCHED if program.desk.switched else 0


def _keep_report(files: Files, name: str, text: str) -> None:
    """For the journal, and where it can be for the bundle."""
    _ = sys.stderr.write(f"report {name}\n{text}") if not sys.stderr.isatty() else 0
    _ = crash.keep(files, name, text)


def _show_report(_name: str, text: str) -> None:
    """The preview shares no file with the machine that it runs on."""
    _ = sys.stderr.write(text)


def _no_keys(_: str) -> bool:
    return False


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="bandstand-console", description=__doc__)
    _ = parser.add_argument("--preview", action="store_true", help="show samples, on any terminal")
    _ = parser.add_argument(
        "--plain", action="store_true", help="numbered menus and questions, line by line"
    )
    _ = parser.add_argument(
        "--switched", action="store_true", help="with --plain: the whole screen comes after it"
    )
    _ = parser.add_argument(
        "--serial", action="store_true", help="on a serial line, where what is shown may be kept"
    )
    _ = parser.add_argument("--root", type=Path, default=Path("/"), help="root of the node's files")
    return parser


if __name__ == "__main__":
    sys.exit(main())
