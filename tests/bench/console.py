"""The console's program beside a bare urwid "hello", on pseudo-terminals, in the same run.

    python -m tests.bench.console [--rounds N] [--idle-seconds S] [--write]

Writes build/bench-console.json, prints the table, and with --write puts it into docs/bench.md.
Ends with 1 when a bar is missed that no load can move. Needs neither root nor an image.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from tests.bench.figures import Figure, Round, Yardstick, failed, table, with_measured
from tests.bench.painted import Painted
from tests.lab.call import LabError, call
from tests.lab.node import STATUS

REPOSITORY = Path(__file__).parents[2]
_DOCS = REPOSITORY / "docs" / "bench.md"
_REPORT = REPOSITORY / "build" / "bench-console.json"
_HELLO = """
import urwid

urwid.set_encoding("utf-8")
text, heard = urwid.Text("hello"), []

def react(key):
    heard.append(key)
    text.set_text(f"hello {len(heard)}")

screen = urwid.display.raw.Screen()
urwid.MainLoop(
    urwid.Filler(text), screen=screen, handle_mouse=False, unhandled_input=react
).run()
"""
_STATUS = {
    "version": "0.1.0",
    "node": {"name": "node-1"},
    "phase": "ready",
    "state": "ready",
    "url": "https://192.0.2.21/cluster",
    "url_answers": True,
}
_DOWN = b"\x1b[B"
_ROUNDS, _IDLE_S = 5, 30.0
# As the agent tells a node's status, changed or not.
_TOLD_EVERY_S = 15.0
_IMPORT = (
    "import time; began = time.perf_counter(); import {module}; print(time.perf_counter() - began)"
)
URWID = "bare urwid"
YARDSTICKS = (
    Yardstick(name="C1", what="start to first paint", unit="ms", must=2.0, beside=URWID),
    Yardstick(name="C2", what="imports", unit="ms", beside=URWID),
    Yardstick(name="C3", what="resident memory", unit="MB", must=1.6, gates=True, beside=URWID),
    Yardstick(name="C4", what="bytes of the first paint", unit="B", beside=URWID),
    Yardstick(
        name="C5", what="bytes after one arrow key", unit="B", most=600, gates=True, beside=URWID
    ),
    Yardstick(name="C6", what="arrow key to the first byte", unit="ms", beside=URWID),
    Yardstick(
        name="C7",
        what="CPU of an idle minute, home unchanged",
        unit="ms",
        most=10,
        gates=True,
        beside=URWID,
    ),
)
Seen = dict[str, float]


def main(arguments: Sequence[str] | None = None) -> int:
    asked = _arguments(arguments)
    try:
        with tempfile.TemporaryDirectory(prefix="bandstand-bench-") as folder:
            figures = measure(Path(folder), rounds=asked.rounds, idle_s=asked.idle_seconds)
    except LabError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    _publish(figures, is_kept=asked.write)
    missed = failed(figures)
    if missed:
        sys.stderr.write(f"missed: {', '.join(missed)}\n")
    return 1 if missed else 0


def measure(folder: Path, *, rounds: int, idle_s: float) -> list[Figure]:
    """Interleaved, and who goes first changes; the first round only fills the caches."""
    bench = _Bench(folder, idle_s)
    bench.warm()
    found: dict[str, list[Round]] = {yardstick.name: [] for yardstick in YARDSTICKS}
    with bench.told():
        for number in range(rounds):
            if number % 2:
                theirs, ours = bench.hello(), bench.ours()
            else:
                ours, theirs = bench.ours(), bench.hello()
            for name, rows in found.items():
                if name in ours and name in theirs:
                    rows.append((ours[name], theirs[name]))
    return [Figure(one, tuple(found[one.name])) for one in YARDSTICKS if found[one.name]]


class _Bench:
    """Both run on the same interpreter, from byte code that is made for this run."""

    def __init__(self, folder: Path, idle_s: float) -> None:
        self._idle_s = idle_s
        self._environment = {
            **{key: value for key, value in os.environ.items() if not key.startswith("PYTHON")},
            "PYTHONPATH": str(REPOSITORY),
            "PYTHONPYCACHEPREFIX": str(folder / "byte-code"),
            "TERM": "linux",
        }
        self._root = folder / "root"
        self._status = self._root / STATUS.lstrip("/")
        self._status.parent.mkdir(parents=True)

    @contextmanager
    def told(self) -> Iterator[None]:
        """Meanwhile there is news of the node, which is as it was; without it the screen counts
        for how long there was none.
        """
        over = threading.Event()
        self._tell()
        teller = threading.Thread(target=self._go_on_telling, args=(over,), daemon=True)
        teller.start()
        try:
            yield
        finally:
            over.set()
            teller.join()

    def warm(self) -> None:
        for module in ("firstboot.console.program", "urwid"):
            _ = self._import_ms(module)

    def ours(self) -> Seen:
        program = ("-m", "firstboot.console.program", "--root", str(self._root))
        seen = self._seen(program, "node-1")
        return {**seen, "C2": self._import_ms("firstboot.console.program")}

    def hello(self) -> Seen:
        return {**self._seen(("-c", _HELLO), "hello"), "C2": self._import_ms("urwid")}

    def _seen(self, program: tuple[str, ...], word: str) -> Seen:
        shown = Painted((sys.executable, *program), self._environment)
        try:
            first_ms = shown.until(word) * 1000
            shown.still()
            seen = {"C1": first_ms, "C4": float(shown.drawn), "C3": shown.resident_mb()}
            seen["C7"] = shown.cpu_ms(self._idle_s) / self._idle_s * 60
            shown.still()
            answer = shown.press(_DOWN)
        finally:
            shown.end()
        after = {} if answer.first_s is None else {"C6": answer.first_s * 1000}
        return {**seen, **after, "C5": float(answer.drawn)}

    def _go_on_telling(self, over: threading.Event) -> None:
        while not over.wait(_TOLD_EVERY_S):
            self._tell()

    def _tell(self) -> None:
        new = self._status.with_suffix(".new")
        _ = new.write_text(json.dumps(_STATUS))
        _ = new.replace(self._status)

    def _import_ms(self, module: str) -> float:
        pairs = (f"{key}={value}" for key, value in self._environment.items())
        code = _IMPORT.format(module=module)
        return float(call("env", "-i", *pairs, sys.executable, "-c", code)) * 1000


def _publish(figures: list[Figure], *, is_kept: bool) -> None:
    when = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    load = os.getloadavg()[0]
    machine = f"{os.cpu_count()} processors, {platform.machine()}, load {load:.1f} at the end"
    content = {"when": when, "machine": machine, "figures": [one.as_json() for one in figures]}
    _REPORT.parent.mkdir(exist_ok=True)
    _ = _REPORT.write_text(json.dumps(content, indent=1) + "\n")
    text = table(figures)
    sys.stdout.write(f"\n{text}\n")
    if is_kept:
        measured = f"Measured {when} by `python -m tests.bench.console` on {machine}.\n\n{text}"
        _ = _DOCS.write_text(with_measured(_DOCS.read_text(), measured, what="console"))


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.console", description=__doc__)
    _ = parser.add_argument("--rounds", type=int, default=_ROUNDS)
    _ = parser.add_argument("--idle-seconds", type=float, default=_IDLE_S)
    _ = parser.add_argument("--write", action="store_true", help="put the table into docs/bench.md")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
