"""The screen on a real pseudo-terminal, read back through a terminal emulator."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import select
import signal
import socket
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import pyte
import pytest

from agent.ask import sockets
from agent.status.merge import STATUS
from agent.system.files import Files
from firstboot.console.crash import FOLDER
from firstboot.console.program import main
from firstboot.console.view import MINIMUM
from tests.fakes.console import NAMES

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


def test_where_there_is_no_such_terminal_the_kernel_log_stays(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("firstboot.console.program._LOG_TERMINAL", 4711)

    assert main(["--kernel-log"]) == 1
    assert "/dev/tty4711" in capsys.readouterr().err


@pytest.fixture
def preview() -> Iterator[Terminal]:
    started = Terminal("-m", "firstboot.console.program", "--preview", size=(80, 24))
    started.until(lambda text: "Set-up code" in text)
    yield started
    started.close()


def test_the_preview_shows_every_situation_and_ends(preview: Terminal) -> None:
    for _ in NAMES[1:]:
        preview.type(b"\x1b[[B")
    preview.until(lambda text: "NO NEWS for 75 s" in text)
    preview.type(b"\x1b[[C\x03")

    assert preview.ended() == 0


def test_a_key_costs_a_serial_line_little(preview: Terminal) -> None:
    assert preview.cost(b"\x1b[B", lambda text: "Host name, the" in text) <= 600
    assert preview.cost(b"\x1b[A", lambda text: "Address, gateway" in text) <= 600
    assert preview.cost(b"1", lambda text: "Search domains" in text) <= 4000
    assert preview.cost(b"\t", lambda text: "in the order to ask" in text) <= 600
    assert preview.cost(b"\x1b\t", lambda text: "in the order to ask" not in text) <= 600


def test_the_keys_of_a_virtual_terminal_walk_the_form(preview: Terminal) -> None:
    """ESC and a tab for Shift-Tab; the cursor stands where typing goes on."""
    preview.type(b"1\x1b[C\t10.0.0.5/16\t\x1b\t")
    text = preview.until(lambda text: "broadcast 10.0.255.255" in text and "Address of" in text)

    row = next(at for at, line in enumerate(text.split("\n")) if "[10.0.0.5/16" in line)
    preview.until(lambda _: (preview.screen.cursor.y, preview.screen.cursor.x) == (row, 33))
    preview.type(b"\x1b[1~1")
    preview.until(lambda text: "[110.0.0.5/16" in text)
    preview.type(b"\x1b[4~\x7f\x1b[D\x1b[3~")
    preview.until(lambda text: "[110.0.0.5 " in text or "[110.0.0.5/ " in text)


def test_a_whole_trial_is_typed_ahead(preview: Terminal) -> None:
    preview.type(b"1\x1b[C\t192.0.2.77/24\t\t192.0.2.1\t192.0.2.53\t\t\t\t\r")
    preview.until(lambda text: "DNS servers: not set -> 192.0.2.53" in text)
    preview.type(b"\r")
    preview.until(lambda text: "Time left" in text)
    preview.type(b"\r")

    preview.until(lambda text: "The network is as you asked, and stays so." in text)


PASTE = b"".join(b"%04d" % number + b"A" * 59 + b"\n" for number in range(157))


def _paste(preview: Terminal) -> None:
    for at in range(0, len(PASTE), 1000):
        preview.type(PASTE[at : at + 1000])


def test_ten_thousand_pasted_bytes_stay_text(preview: Terminal) -> None:
    """Its line ends press no button, whatever field it falls into."""
    preview.type(b"31")
    preview.until(lambda text: "Private key" in text)

    _paste(preview)

    preview.until(lambda text: "0156AAAA" in text)
    assert "Certificate and key" in preview.text()
    assert preview.is_alive()


@pytest.mark.parametrize(
    ("keys", "shown", "after"),
    [
        (b"", "Set-up code", "Set-up code"),
        (b"1\x1b[C\t", "Address of", "is not an IPv4 address"),
        (b"2\t", "Password of the account", "********"),
    ],
    ids=["home", "a line", "a password"],
)
def test_nor_do_they_press_anything_elsewhere(
    preview: Terminal, keys: bytes, shown: str, after: str
) -> None:
    """Nor does one of its line ends lead to the next field, also where it came in pieces."""
    preview.type(keys)
    preview.until(lambda text: shown in text)

    _paste(preview)
    preview.until(lambda text: after in text)
    preview.quiet(0.5)

    assert shown in preview.text()
    assert after in preview.text()
    assert preview.is_alive()


_HOSTILE = (
    b"\x1b[<", b"\x1b[M", b"\x1b[<1;2M", b"\x1b[5;5R", b"\x1b]0;x\x07", b"\x1bP", b"\xff\xfe",
    b"\xe2\x82", b"\x1b[200~", b"\x00", b"\x9b", b"\x1b\x1b\x1b", b"\x1b[99;99H", b"\x0e",
)  # fmt: skip


def _hostile(preview: Terminal, random: Random) -> None:
    """Not Ctrl-C, which ends a preview."""
    noise = bytes(random.randrange(256) for _ in range(40)).replace(b"\x03", b"")
    preview.type(noise + random.choice(_HOSTILE))
    preview.quiet(0.01)


def _goes_on(preview: Terminal) -> None:
    assert preview.is_alive()
    preview.quiet(0.4)
    for _ in range(8):
        preview.type(b"\x1b")
        preview.quiet(0.2)
    preview.type(b"\r\x1b")
    preview.type(b"\x1b[15~")
    preview.until(lambda text: text.startswith(" Preview: "))
    assert b"\x1b[99;99H" not in preview.raw


@pytest.mark.parametrize("keys", [b"", b"1\x1b[C\t", b"31"], ids=["home", "a line", "lines"])
def test_hostile_bytes_neither_end_it_nor_come_back(preview: Terminal, keys: bytes) -> None:
    random = Random(5)
    preview.type(keys)
    preview.quiet(0.1)

    for _ in range(60):
        _hostile(preview, random)

    _goes_on(preview)


@pytest.mark.soak
def test_nor_do_they_in_a_minute(preview: Terminal) -> None:
    random, end_s = Random(), time.monotonic() + 60
    while time.monotonic() < end_s:
        _hostile(preview, random)

    _goes_on(preview)


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


def test_line_mode_takes_the_same_way_for_scripts() -> None:
    said = "1\nfixed address\n192.0.2.9/24\n\n192.0.2.1\n192.0.2.53\n\n\n\n1\n1\n1\n1\n"
    done = subprocess.run(
        [sys.executable, "-m", "firstboot.console.program", "--preview", "--plain"],
        cwd=REPOSITORY, capture_output=True, text=True, check=True, input=said,
    )  # fmt: skip

    assert "IPv4 address: not set -> 192.0.2.9/24" in done.stdout
    assert "The network is as you asked, and stays so." in done.stdout
