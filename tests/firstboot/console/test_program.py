"""The screen on a real pseudo-terminal: what it draws, and how it lives there."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agent.ask import sockets
from agent.status.merge import STATUS
from agent.system.files import Files
from firstboot.console.crash import FOLDER
from firstboot.console.view import MINIMUM
from tests.fakes.terminal import REPOSITORY, Terminal

pytestmark = pytest.mark.outside

READY: dict[str, Any] = {
    "version": "0.1.0",
    "node": {"name": "node-1"},
    "phase": "ready",
    "state": "ready",
    "url": "https://192.0.2.21/cluster",
    "url_answers": True,
}


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


def test_without_a_lease_the_form_opens_by_itself(files: Files) -> None:
    """Once the service says who may do what, and while nobody touched a key."""
    with socket.socket(socket.AF_UNIX) as service:
        service.bind(files.made_room(sockets.APPLY))
        service.listen()
        tell(files)
        terminal = Terminal("-m", "firstboot.console.program", "--root", str(files.root))
        try:
            terminal.until(lambda text: "Open this" in text)
            line, _ = service.accept()
            with line:
                line.sendall(b'{"result": {"claim": "unclaimed"}}\n')
                terminal.quiet(0.3)
                fault = {"code": "no-lease", "setting": "network", "message": "nobody answered"}
                tell(files, state="degraded", network={"addresses": []}, faults=[fault])

                terminal.until(lambda text: "fixed address" in text, timeout_s=5)
        finally:
            terminal.close()


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
    if "F1 help" in data and screen.get_cols_rows() == (80, 25):
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
        terminal.until(lambda text: "F1 help" in text)
        terminal.screen.resize(24, 80)
        terminal.type(b"x")

        terminal.until(lambda text: _fills(text, (80, 24)))
    finally:
        terminal.close()


def _fills(text: str, size: tuple[int, int]) -> bool:
    lines = text.split("\n")
    ends = lines[0].endswith("node-1 ") and "F1 help" in lines[-1] and "Keyboard" in text
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


def test_a_screen_on_which_nothing_changes_says_nothing(terminal: Terminal) -> None:
    terminal.until(lambda text: "Open this" in text)
    terminal.quiet(0.5)
    before = len(terminal.raw)

    terminal.quiet(4)

    assert len(terminal.raw) - before < 400


def test_without_its_service_it_says_so_and_goes_on(terminal: Terminal, files: Files) -> None:
    terminal.until(lambda text: "bandstand-apply does not answer" in text)
    terminal.type(b"2")
    terminal.until(lambda text: "This did not work" in text)
    terminal.type(b"\r\x1b")

    tell(files, state="working", phase="tls")
    terminal.until(lambda text: "working: tls" in text)


def test_a_service_that_is_silent_holds_no_key(files: Files) -> None:
    tell(files)
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(files.made_room(sockets.APPLY))
        silent.listen()
        terminal = Terminal("-m", "firstboot.console.program", "--root", str(files.root))
        try:
            terminal.until(lambda text: "Open this" in text)
            terminal.type(b"6")
            terminal.until(lambda text: "usually up to 40 s" in text)
            terminal.type(b"\x1b")
            terminal.until(lambda text: "Nothing is checked yet" in text)
        finally:
            terminal.close()


def test_a_service_that_talks_nonsense_is_called_that(files: Files) -> None:
    tell(files)
    with socket.socket(socket.AF_UNIX) as odd:
        odd.bind(files.made_room(sockets.APPLY))
        odd.listen()
        terminal = Terminal("-m", "firstboot.console.program", "--root", str(files.root))
        try:
            line, _ = odd.accept()
            line.sendall(b"\x1b[2Jnot json at all\n")
            line.close()
            terminal.until(lambda text: "bandstand-apply does not answer" in text)
        finally:
            terminal.close()


def _to_lines(terminal: Terminal) -> None:
    terminal.until(lambda text: "Open this" in text)
    terminal.type(b"b")
    terminal.until(lambda text: "[ Line by line ]" in text)
    terminal.type(b"\x1b[Z\r")
    terminal.until(lambda text: "Number (blank: news" in text)


@pytest.mark.parametrize("back", [b"12\r\r\r\r3\r", b"\x04"], ids=["the button", "Ctrl-D"])
def test_it_goes_on_line_by_line_and_back_in_the_same_process(back: bytes) -> None:
    terminal = Terminal("-m", "firstboot.console.program", "--preview")
    try:
        _to_lines(terminal)
        assert "12 Keyboard and display" in terminal.text()

        terminal.type(back)

        terminal.until(lambda text: "b Keyboard and display" in text)
        assert terminal.is_alive()
    finally:
        terminal.close()


def test_no_key_ends_or_suspends_the_lines_either() -> None:
    terminal = Terminal("-m", "firstboot.console.program", "--preview")
    try:
        _to_lines(terminal)
        terminal.type(b"\x03\x1a\x1c7\r")
        terminal.until(lambda text: "== Progress" in text)
    finally:
        terminal.close()


def test_line_by_line_from_the_start_has_no_screen_to_go_back_to() -> None:
    """Whoever started it has another line to work on, and ends it by its input."""
    terminal = Terminal("-m", "firstboot.console.program", "--preview", "--plain")
    try:
        terminal.until(lambda text: "Number (blank: news" in text)
        terminal.type(b"12\r\r\r\r")
        terminal.until(lambda text: "1 Apply, 2 Back:" in text)
        terminal.type(b"\x04")
        assert terminal.ended() == 0
    finally:
        terminal.close()


def test_what_breaks_is_written_down_without_what_was_typed(files: Files) -> None:
    tell(files)
    terminal = Terminal("-c", _BREAKS, "--root", str(files.root))
    try:
        terminal.until(lambda text: "Open this" in text)
        terminal.type(b"x")
        told = terminal.until(lambda text: "broke and starts again" in text)
        assert terminal.ended() == 70
    finally:
        terminal.close()

    name = told.split("report ")[1].split(")")[0]
    written = files.read(f"{FOLDER}/{name}.txt") or ""
    assert "screen: home" in written
    assert "builtins.ValueError" in written
    assert "firstboot/console/desk.py:" in written
    assert "s3cret" not in written


def test_a_preview_that_breaks_keeps_nothing(files: Files) -> None:
    """It may run as root, on a machine that is no node."""
    terminal = Terminal("-c", _BREAKS, "--preview", "--root", str(files.root))
    try:
        terminal.until(lambda text: "Open this" in text)
        terminal.type(b"x")
        terminal.until(lambda text: "broke and starts again" in text and "ValueError" in text)
        assert terminal.ended() == 70
    finally:
        terminal.close()

    assert list(files.root.iterdir()) == []


_BREAKS = """
import sys
from firstboot.console import program
from firstboot.console.screens.home import Home

def broken(self, press, world):
    raise ValueError("s3cret")

Home.press = broken
sys.exit(program.main())
"""

_HEAVY = {"cryptography", "jinja2", "requests", "yaml", "pyroute2", "psycopg"}


def test_the_first_picture_pays_for_nothing_it_does_not_need() -> None:
    code = "import sys; import firstboot.console.program; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )

    assert not set(done.stdout.split()) & {*_HEAVY, "agent.settings.accept"}
