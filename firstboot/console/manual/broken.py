"""What the screen says where something breaks: each is done to the program, and read from it.

What bandstand-apply says itself is recorded here, and held to what it says by the tests.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from agent.ask import sockets
from agent.errors import NotNow, StepFailed, Unanswered
from firstboot.console.keys import Press
from firstboot.console.manual.pictures import on
from firstboot.console.program import BROKE
from firstboot.console.screens.home import wrongs
from firstboot.console.situations import Result
from firstboot.console.stage import Stage
from firstboot.console.widgets.dialog import Dialog, Waited
from firstboot.console.widgets.form import Form

BUSY = NotNow(
    "root on ttyS0 edits the form network, since 2026-01-02T03:04:05Z",
    hint="wait for it, or take the form over",
    code="editing",
)
FULL = StepFailed(
    "the change could not be finished, and was taken back: [Errno 28] No space left on device"
)
NOT_IN_FORCE = StepFailed(
    "what was tried does not stand any more, and was taken back",
    hint="the card lost its carrier, or something else set it anew; try it again",
    code="not-in-force",
)
GONE = Unanswered(
    f"nobody answers on {sockets.APPLY}",
    hint="systemctl status 'bandstand-apply*' tells whether it runs, journalctl -u "
    "'bandstand-apply*' why not",
)
NONSENSE = Unanswered(f"{sockets.APPLY} answered in another language")
_SLOW_S, _PASTE = 30.0, 10_000
_TO_APPLY = ("x", *["tab"] * 6, "enter", "enter")


def rows() -> Iterable[tuple[str, ...]]:
    """For a table: what happens, what the screen says."""
    return tuple((what, says()) for what, says in _CASES.items())


def _gone() -> str:
    """On home, once it was asked and nobody was there."""
    found = _with("access", GONE).started()
    return " ".join(f"{row.label} {row.text}" for row in wrongs(found.desk.world()))


def _gone_amid() -> str:
    return _dialog(_with("node-set", GONE).started().keys("2", *_TO_APPLY))


def _slow() -> str:
    stage = on("fresh").started().keys("2", *_TO_APPLY[:-1])
    stage.holds = True
    _ = stage.keys("enter")
    return _dialog(stage.passed(_SLOW_S))


def _nonsense() -> str:
    return _dialog(_with("node-set", NONSENSE).started().keys("2", *_TO_APPLY))


def _held() -> str:
    return _dialog(_with("editing", BUSY).started().keys("1"))


def _full() -> str:
    return _dialog(_with("node-set", FULL).started().keys("2", *_TO_APPLY))


def _pulled() -> str:
    return _dialog(_with("network-confirm", NOT_IN_FORCE, "trial").passed(1).keys("1"))


def _pasted() -> str:
    stage = on("fresh").started().keys("2")
    stage.desk.press(Press(text="x" * _PASTE))
    forms = [part for part in stage.desk.shown().parts if isinstance(part, Form)]
    return " / ".join(why for form in forms for why in form.faults.values())


def _crash() -> str:
    return f"{BROKE} (report 4F0C12AB)."


def _nothing() -> str:
    return "nothing: no bytes end it, and none reach another screen"


_CASES: dict[str, Callable[[], str]] = {
    "bandstand-apply is gone": _gone,
    "... while it is asked for something": _gone_amid,
    f"bandstand-apply is slow ({_SLOW_S:.0f} s)": _slow,
    "bandstand-apply answers nonsense": _nonsense,
    "two consoles on one form": _held,
    "the disk is full during a change": _full,
    "the link is pulled during a trial, and somebody keeps it": _pulled,
    f"a paste of {_PASTE // 1000} kB into the host name": _pasted,
    "hostile bytes on the line": _nothing,
    "the program crashes": _crash,
}


def _with(verb: str, answer: Result, name: str = "fresh") -> Stage:
    stage = on(name)
    made = replace(stage.situation, answers={**stage.situation.answers, verb: answer})
    return Stage(made, stage.apply.clock)


def _dialog(stage: Stage) -> str:
    over = stage.desk.shown().over
    if not isinstance(over, Dialog | Waited):
        raise TypeError(f"nothing stands above {stage.noun}")
    return " / ".join((over.title, *over.texts))
