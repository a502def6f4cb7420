"""Every screen in every situation as it is drawn, beside what was looked at and found good.

BANDSTAND_GOLDEN=write writes the files anew: look at what changed before it is committed.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from agent.errors import NotNow, Unanswered
from firstboot.console.preview import At
from tests.fakes.console import NAMES, Bench

GOLDEN = Path(__file__).parent / "golden"
SIZES = [(80, 24), (80, 25), (160, 50)]
# The keys that lead from home to a screen.
PATHS: dict[str, tuple[str, ...]] = {
    "home": (),
    "network": ("1",),
    "node": ("2",),
    "certificate": ("3",),
    "certificate.install": ("3", "1"),
    "cluster": ("4",),
    "join": ("4", "1"),
    "code": ("5",),
    "check": ("6",),
    "progress": ("7",),
    "support": ("8",),
    "recovery": ("9",),
    "password": ("9", "6"),
    "power": ("0",),
    "advanced": ("a",),
    "category-network": ("a", "1"),
    "category-node": ("a", "2"),
    "category-portal": ("a", "3"),
    "display": ("b",),
    "shell": ("c",),
    "help": ("f1",),
}


def _typed_static() -> Bench:
    keys = ("right", "tab", "192.0.2.77/24", "tab", "tab", "192.0.2.1", "tab", "192.0.2.53")
    return Bench().opened("1").keys(*keys)


def _summary() -> Bench:
    return _typed_static().keys("tab", "tab", "tab", "tab", "enter")


def _waiting() -> Bench:
    bench = Bench().opened("9")
    bench.holds = True
    bench.keys("5", "enter")
    bench.clock.pass_s(7)
    return bench


def _late() -> Bench:
    bench = _waiting()
    bench.clock.pass_s(40)
    return bench


def _steps_told() -> Bench:
    bench = Bench().opened("9")
    bench.holds = True
    bench.keys("1", "enter")
    bench.clock.pass_s(3)
    ask = bench.queue.asks[0]
    for name, state in (("network.probe", "done"), ("network.beside", "running")):
        bench.desk.hear_step(ask, {"name": name, "state": state, "seconds": 0.5})
    return bench


def _edited_elsewhere() -> Bench:
    told = "bandstand-console (pid 812, on ttyS0) has this form open since 10:02"
    return Bench(answers={"editing": NotNow(told, code="editing")})


def _broke_off() -> Bench:
    gone = Unanswered("nobody answers on apply.sock")
    return Bench(answers={"node-set": gone}).opened("2").keys("x", *["tab"] * 6, "enter", "enter")


def _late_login() -> Bench:
    bench = Bench("joined").opened("2").keys("tab", "tab")
    bench.apply.logged_in = False
    return bench.passed(700)


def _shell_on_a_serial_line() -> Bench:
    bench = Bench("shell open")
    bench.desk.source = At(bench.situation, bench.clock, is_private=False)
    return bench.opened("c")


FLOWS: dict[str, Callable[[], Bench]] = {
    "network-typed": _typed_static,
    "network-summary": _summary,
    "network-trial": lambda: _summary().keys("enter"),
    "network-kept": lambda: _summary().keys("enter", "enter"),
    "network-incomplete": lambda: Bench().opened("1").keys("right", *["tab"] * 8, "enter"),
    "network-left": lambda: _typed_static().keys("esc"),
    "network-refused": lambda: Bench("refused").opened("1").keys(*["tab"] * 4),
    "network-edited-elsewhere": lambda: _edited_elsewhere().opened("1"),
    "node-edited-elsewhere": lambda: _edited_elsewhere().opened("2"),
    "no-dhcp-opens": lambda: Bench("no dhcp").passed(1),
    "refused-opens": lambda: Bench("refused").passed(1),
    "trial-opens": lambda: Bench("trial").passed(1),
    "login": lambda: Bench("joined").started().keys("1"),
    "login-wrong": lambda: Bench("joined").started().keys("1", "no", "enter"),
    "login-locked": lambda: Bench("locked").started().keys("1", "no", "enter"),
    "password-shown": lambda: Bench().opened("2").keys("tab", "s3cret-word", "tab", "tab", " "),
    "password-twice": lambda: Bench().opened("2").keys("tab", "s3cret-word", "tab", "other"),
    "secret-hidden": lambda: Bench().opened("2").keys("tab", "s3cret-word"),
    "factory-reset": lambda: Bench().opened("9").keys("7", "node-1"),
    "settings-undone": lambda: Bench().opened("9").keys("3", "enter"),
    "power-restart": lambda: Bench("joined").opened("0").keys("1"),
    "shell-serial": _shell_on_a_serial_line,
    "shell-started": lambda: Bench("shell open").opened("c", "1"),
    "support-made": lambda: Bench().opened("8").keys("enter"),
    "waited-for": _waiting,
    "waited-too-long": _late,
    "steps-told": _steps_told,
    "apply-gone": _broke_off,
    "locked-again": _late_login,
    "certificate-blank": lambda: Bench().opened("3", "1").keys("tab", "tab", "tab", "enter"),
    "help-network": lambda: Bench().opened("1").keys("f1"),
}


def _beside(name: str, made: str) -> None:
    path = GOLDEN / f"{name}.txt"
    if os.environ.get("BANDSTAND_GOLDEN") == "write":
        path.write_text(made, encoding="utf-8")
    assert made == path.read_text(encoding="utf-8")


def _picture(bench: Bench, size: tuple[int, int]) -> str:
    lines, cursor = bench.drawn(size)
    return "\n".join((*(line.rstrip() for line in lines), f"cursor {cursor}", ""))


@pytest.mark.parametrize("name", PATHS)
def test_every_screen_in_every_situation(name: str) -> None:
    """Situations that look the same stand above one picture."""
    benches = {situation: Bench(situation).opened(*PATHS[name]) for situation in NAMES}
    for size in SIZES:
        seen: dict[str, list[str]] = {}
        for situation, bench in benches.items():
            seen.setdefault(_picture(bench, size), []).append(situation)
        made = "".join(f"=== {', '.join(names)}\n{picture}" for picture, names in seen.items())
        _beside(f"{name}.{size[0]}x{size[1]}", made)


@pytest.mark.parametrize("name", FLOWS)
def test_what_comes_of_keys(name: str) -> None:
    _beside(f"flow.{name}", _picture(FLOWS[name](), (80, 24)))


def test_no_golden_file_is_left_over() -> None:
    screens = {f"{name}.{columns}x{rows}" for name in PATHS for columns, rows in SIZES}
    wanted = screens | {f"flow.{name}" for name in FLOWS}
    assert {path.stem for path in GOLDEN.glob("*.txt")} == wanted
