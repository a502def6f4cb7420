"""The screen on a real pseudo-terminal, read back through a terminal emulator."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyte
import pytest

from agent.status.merge import STATUS
from agent.system.files import Files
from firstboot.console.preview import Preview
from firstboot.console.program import main
from firstboot.console.view import MINIMUM

pytestmark = pytest.mark.outside

REPOSITORY = Path(__file__).parents[3]
READY: dict[str, Any] = {
    "version": "0.1.0",
    "node": {"name": "node-1"},
    "phase": "ready",
    "state": "ready",
    "url": "https://192.0.2.21/cluster",
    "url_answers": True,
}


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
        self.resize(size)

    def resize(self, size: tuple[int, int]) -> None:
        fcntl.ioctl(self._line, termios.TIOCSWINSZ, struct.pack("4H", size[1], size[0], 0, 0))
        self.screen.resize(size[1], size[0])

    def type(self, keys: bytes) -> None:
        os.write(self._line, keys)

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

    def is_alive(self) -> bool:
        return os.waitpid(self.pid, os.WNOHANG) == (0, 0)

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


def tell(files: Files, **changes: Any) -> None:
    files.write(STATUS, json.dumps({**READY, **changes}))


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)


@pytest.fixture
def terminal(files: Files) -> Iterator[Terminal]:
    tell(files)
    started = Terminal("-m", "firstboot.console.program", "--root", str(files.root))
    yield started
    started.close()


def test_it_draws_and_follows_what_changes(terminal: Terminal, files: Files) -> None:
    terminal.until(lambda text: "Open this     https://192.0.2.21/cluster" in text)

    tell(files, state="degraded", faults=[{"setting": "tls.key", "message": "does not match"}])

    terminal.until(lambda text: "does not match" in text and "degraded, 1 problem" in text)


def test_no_key_ends_or_suspends_it(terminal: Terminal, files: Files) -> None:
    terminal.until(lambda text: "Open this" in text)

    terminal.type(b"\x03\x1a\x1c\x04\x13\x11q\x1b\x03\x03")
    tell(files, state="working", phase="tls")

    terminal.until(lambda text: "working: tls" in text)
    assert terminal.is_alive()


def test_signals_that_keys_send_do_not_end_it(terminal: Terminal, files: Files) -> None:
    terminal.until(lambda text: "Open this" in text)

    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGTSTP):
        os.kill(terminal.pid, number)
    tell(files, state="working", phase="tls")

    terminal.until(lambda text: "working: tls" in text)


def test_it_ends_when_its_unit_ends_it(terminal: Terminal) -> None:
    terminal.until(lambda text: "Open this" in text)

    os.kill(terminal.pid, signal.SIGTERM)

    assert terminal.ended() == -signal.SIGTERM


@pytest.mark.parametrize("size", [(160, 50), (80, 24), (40, 10)])
def test_it_follows_the_size_in_flight(terminal: Terminal, size: tuple[int, int]) -> None:
    terminal.until(lambda text: "Open this" in text)

    terminal.resize(size)

    if size < MINIMUM:
        terminal.until(lambda text: "Please enlarge" in text)
    else:
        terminal.until(lambda text: _fills(text, size))


_SHRINKS = """
import fcntl, os, struct, sys, termios
from urwid.display import raw
from firstboot.console import program

real = raw.Screen.write

def write(screen, data):
    real(screen, data)
    screen.flush()
    if "F5 redraw" in data and screen.get_cols_rows() == (80, 25):
        fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("4H", 24, 80, 0, 0))
        os.read(0, 1)

raw.Screen.write = write
sys.exit(program.main())
"""


def test_it_follows_a_size_that_changes_while_it_draws(files: Files) -> None:
    """As when the kernel's graphics driver takes over: no half of an old picture stays."""
    tell(files)
    terminal = Terminal("-c", _SHRINKS, "--root", str(files.root))
    try:
        terminal.until(lambda text: "F5 redraw" in text)
        terminal.screen.resize(24, 80)
        terminal.type(b"x")

        terminal.until(lambda text: _fills(text, (80, 24)))
    finally:
        terminal.close()


def _fills(text: str, size: tuple[int, int]) -> bool:
    lines = text.split("\n")
    ends = lines[0].endswith("node-1 ") and lines[-1].endswith("F5 redraw ")
    return (len(lines[0]), len(lines)) == size and ends


def test_f5_paints_over_what_others_wrote(terminal: Terminal) -> None:
    terminal.until(lambda text: "Open this" in text)
    terminal.screen.cursor_position(5, 1)
    terminal.screen.draw("[  42.000000] a driver has something to say")
    assert "a driver" in terminal.text()

    terminal.type(b"\x1b[15~")

    terminal.until(lambda text: "a driver" not in text)


def test_no_sequence_of_a_stranger_reaches_the_terminal(terminal: Terminal, files: Files) -> None:
    terminal.until(lambda text: "Open this" in text)

    tell(files, node={"name": "\x1b]0;owned\x07\x9b2Jevil\x1b[99;99H\ud800"}, state="working")
    terminal.until(lambda text: "evil" in text)

    assert b"owned\x07" not in terminal.raw
    assert b"\x1b[99;99H" not in terminal.raw
    assert b"\xc2\x9b" not in terminal.raw
    assert b"\x1b]" not in terminal.raw


def test_nothing_blinks_and_no_colour_is_beyond_a_virtual_terminal(terminal: Terminal) -> None:
    terminal.until(lambda text: "Open this" in text)

    assert b";5;" not in terminal.raw
    assert b"38;" not in terminal.raw
    assert b"48;" not in terminal.raw


def test_an_idle_second_costs_a_serial_line_little(terminal: Terminal) -> None:
    """From the second age shown to a later one: by then the first picture is whole."""
    ages: list[int] = []

    def is_older(text: str) -> bool:
        found = re.search(r"news (\d+) s old", text)
        ages.extend([int(found[1])] if found and int(found[1]) not in ages else [])
        return len(ages) > 1

    terminal.until(is_older)
    before, begin = len(terminal.raw), ages[-1]
    terminal.until(lambda text: is_older(text) and ages[-1] > begin)

    assert (len(terminal.raw) - before) / (ages[-1] - begin) < 400


def test_the_preview_shows_every_situation_and_ends() -> None:
    terminal = Terminal("-m", "firstboot.console.program", "--preview")
    try:
        terminal.until(lambda text: "not known yet" in text)
        terminal.type(b"\x1b[C")
        terminal.until(lambda text: "waiting: network.address" in text)
        terminal.type(b"\x1b[D\x1b[D")
        terminal.until(lambda text: "NO NEWS for 75 s" in text)
        terminal.type(b"q")
        assert terminal.ended() == 0
    finally:
        terminal.close()


def test_the_preview_goes_round() -> None:
    preview = Preview()
    first = preview.page().news

    assert preview.press("left") is True
    assert preview.press("right") is True
    assert preview.page().news == first
    assert preview.press("x") is None


def test_where_there_is_no_such_terminal_the_kernel_log_stays(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("firstboot.console.program._LOG_TERMINAL", 4711)

    assert main(["--kernel-log"]) == 1
    assert "/dev/tty4711" in capsys.readouterr().err
