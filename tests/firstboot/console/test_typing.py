"""Keys, pastes and noise on a real pseudo-terminal, in the preview."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from secrets import randbelow

import pytest

from tests.fakes.console import NAMES
from tests.fakes.terminal import REPOSITORY, Terminal

pytestmark = pytest.mark.outside


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
    """ESC and a tab for Shift-Tab, which is ESC [ Z on a serial line; the cursor stands where
    typing goes on.
    """
    preview.type(b"1\x1b[C\t10.0.0.5/16\t\t\x1b\t\x1b[Z")
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


# Writes what stands in the form where the test finds it. The pauses of a slow line are those of a
# busy machine too, so here nobody is taken for a typist; tests/firstboot/console/test_pace.py has
# the time that it takes.
_DUMPS = """
import json, sys
from pathlib import Path
from firstboot.console import pace, program, terminal

pace.CLOSE_S = program.CLOSE_S = pace._PASTE_S = 5.0
real_init = terminal.Screen.__init__

def patient(self, *args, **kwargs):
    real_init(self, *args, **kwargs)
    self.set_input_timeouts(complete_wait=5.0)

terminal.Screen.__init__ = patient

real = program.Program._typed

def typed(self, keys, raw):
    if "f9" in keys:
        Path(sys.argv[-1]).write_text(json.dumps([self.desk.top.noun, self.desk.top.form.texts]))
    return real(self, keys, raw)

program.Program._typed = typed
sys.exit(program.main(["--preview"]))
"""


@pytest.fixture
def dumping(tmp_path: Path) -> Iterator[Terminal]:
    started = Terminal("-c", _DUMPS, str(tmp_path / "form"), size=(80, 24))
    started.until(lambda text: "Set-up code" in text)
    yield started
    started.close()


def _form(dumping: Terminal, path: Path) -> tuple[str, dict[str, str]]:
    dumping.quiet(0.5)
    dumping.type(b"\x1b[20~")
    end_s = time.monotonic() + 10
    while not path.exists() and time.monotonic() < end_s:
        dumping.quiet(0.1)
    noun, texts = json.loads(path.read_text(encoding="utf-8"))
    return noun, texts


def _slowly(terminal: Terminal, sent: bytes, random: Random) -> None:
    """As a serial line brings it: a few bytes, a pause, wherever that falls."""
    while sent:
        size = random.randint(1, 7)
        terminal.type(sent[:size])
        sent = sent[size:]
        terminal.quiet(random.uniform(0.0005, 0.012))


_LINES = "".join(f"{number:04d} Größe {'A' * 50}\n" for number in range(12))


@pytest.mark.parametrize(
    ("keys", "noun", "key", "wanted"),
    [
        (b"31", "certificate.install", "tls.certificate", _LINES),
        (b"1\x1b[C\t", "network", "network.address", " ".join(_LINES.splitlines())),
        (b"2\t", "node", "node.admin_password", " ".join(_LINES.splitlines())),
    ],
    ids=["lines", "a line", "a password"],
)
@pytest.mark.parametrize("seed", [1, 2])
def test_a_paste_on_a_slow_line_comes_whole_and_presses_nothing(
    dumping: Terminal, tmp_path: Path, seed: int, keys: bytes, noun: str, key: str, wanted: str
) -> None:
    dumping.type(keys)
    dumping.quiet(0.5)

    _slowly(dumping, _LINES.encode(), Random(seed))

    found, texts = _form(dumping, tmp_path / "form")
    assert (found, texts[key].rstrip()) == (noun, wanted.rstrip())
    assert [other for other, text in texts.items() if "AAA" in text] == [key]


def test_nor_does_it_choose_from_a_menu(dumping: Terminal) -> None:
    """A restart is two keys away there, and its question one Enter. Of its first piece alone
    nobody knows yet that it is one.
    """
    _slowly(dumping, b"--------01 \n1\n\n0\n 1\n\n" + b"01 \n1\n\n" * 8, Random(3))
    dumping.quiet(0.5)

    assert "Set-up code" in dumping.text()
    assert "restarts" not in dumping.text()


def test_keys_torn_between_readings_are_whole(dumping: Terminal, tmp_path: Path) -> None:
    """Arrows, Tab back, two bytes of a letter, Delete: each in pieces."""
    dumping.type(b"2")
    dumping.quiet(0.5)
    for byte in "\x15abé\x1b[D\x1b[D\x1b[3~x\x1b[4~ü\t\x1b[Z\x1bOB\x1b[A!".encode():
        dumping.type(bytes([byte]))
        dumping.quiet(0.02)

    assert _form(dumping, tmp_path / "form")[1]["node.name"] == "axéü!"


_HOSTILE = (
    b"\x1b[<", b"\x1b[M", b"\x1b[<1;2M", b"\x1b[5;5R", b"\x1b]0;x\x07", b"\x1bP", b"\xff\xfe",
    b"\xe2\x82", b"\x1b[200~", b"\x00", b"\x9b", b"\x1b\x1b\x1b", b"\x1b[99;99H", b"\x0e",
    b"\xf0\x9f\x98", b"\xc3", b"\xed\xa0\x80",
)  # fmt: skip
_GIANT = (
    b"\x1b[" + b"9" * 30_000,
    b"\x1b[" + b"1;" * 15_000 + b"R",
    b"\x1b]0;" + b"x" * 30_000 + b"\x07",
    b"\x1bP" + b"\x9b" * 30_000,
    b"\x1b" * 20_000,
    b"\x1b\x1b[5;5R" * 2_000,
    b"\xe2\x82" * 15_000,
)
# Bare urwid takes some 30 MiB; the unit's cap is 150.
_MOST_KIB = 90 * 1024
_ONE_IN = 0.02


def _hostile(preview: Terminal, random: Random) -> None:
    """Not Ctrl-C, which ends a preview."""
    noise = bytes(random.randrange(256) for _ in range(40)).replace(b"\x03", b"")
    preview.type(noise + random.choice(_HOSTILE))
    preview.quiet(0.01)


def _whole(preview: Terminal, sent: bytes) -> None:
    """Read meanwhile: neither side waits for the other."""
    for at in range(0, len(sent), 1000):
        preview.type(sent[at : at + 1000])
        preview.quiet(0)


def _goes_on(preview: Terminal) -> None:
    """Used, and ended, as ever."""
    assert preview.is_alive()
    assert preview.resident_kib() < _MOST_KIB
    preview.quiet(0.4)
    for _ in range(8):
        preview.type(b"\x1b")
        preview.quiet(0.2)
    preview.type(b"\r\x1b")
    preview.type(b"\x1b[15~")
    preview.until(lambda text: text.startswith(" Preview: "))
    assert b"\x1b[99;99H" not in preview.raw
    preview.quiet(0.3)
    preview.type(b"\x03")
    assert preview.ended() == 0


@pytest.mark.parametrize("keys", [b"", b"1\x1b[C\t", b"31"], ids=["home", "a line", "lines"])
def test_hostile_bytes_neither_end_it_nor_come_back(preview: Terminal, keys: bytes) -> None:
    random = Random(5)
    preview.type(keys)
    preview.quiet(0.1)

    for _ in range(60):
        _hostile(preview, random)

    _goes_on(preview)


@pytest.mark.parametrize(
    "sent", _GIANT, ids=["digits", "numbers", "title", "DCS", "Esc", "places", "torn"]
)
def test_nor_does_a_sequence_without_end(preview: Terminal, sent: bytes) -> None:
    preview.type(b"31")
    preview.until(lambda text: "Private key" in text)

    _whole(preview, sent)

    _goes_on(preview)


@pytest.mark.soak
def test_nor_do_they_in_a_minute(
    preview: Terminal,
    request: pytest.FixtureRequest,
    record_property: Callable[[str, object], None],
) -> None:
    """From the seed of the run, which its report has, else from one that is told."""
    told = str(request.config.getoption("--hypothesis-seed"))
    seed = int(told) if told.isdecimal() else randbelow(10**9)
    record_property("seed", seed)
    sys.stderr.write(f"seed {seed}\n")
    random, end_s = Random(seed), time.monotonic() + 60
    while time.monotonic() < end_s:
        _hostile(preview, random)
        if random.random() < _ONE_IN:
            _whole(preview, random.choice(_GIANT)[: random.randrange(1, 20_000)])

    _goes_on(preview)


def test_line_mode_takes_the_same_way_for_scripts() -> None:
    said = "1\nfixed address\n192.0.2.9/24\n\n192.0.2.1\n192.0.2.53\n\n\n\n1\n1\n1\n1\n"
    done = subprocess.run(
        [sys.executable, "-m", "firstboot.console.program", "--preview", "--plain"],
        cwd=REPOSITORY, capture_output=True, text=True, check=True, input=said,
    )  # fmt: skip

    assert "IPv4 address: not set -> 192.0.2.9/24" in done.stdout
    assert "The network is as you asked, and stays so." in done.stdout
