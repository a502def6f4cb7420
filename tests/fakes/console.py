"""A desk of the console in a recorded situation, with keys to press and a clock to move on."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import urwid

from agent.errors import BandstandError
from firstboot.console.asking import Asker
from firstboot.console.desk import Desk
from firstboot.console.keys import presses
from firstboot.console.preview import PASSWORD, At, Recorded
from firstboot.console.screen import Answer, Ask
from firstboot.console.situations import Result, Situation, situations
from firstboot.console.view import Face
from tests.fakes.clock import FakeClock

NAMES = tuple(one.name for one in situations(FakeClock().now()))
_NAMED = {
    "tab", "shift tab", "enter", "esc", "up", "down", "left", "right", "home", "end", "backspace",
    "delete", "page up", "page down", "f1", "f5", "f10", "ctrl u",
}  # fmt: skip


@dataclass
class Queue:
    """Keeps what was asked until it is let through."""

    asker: Asker
    asks: deque[Ask] = field(default_factory=deque[Ask])

    def put(self, ask: Ask) -> None:
        self.asks.append(ask)

    def answer(self, desk: Desk) -> None:
        """The first one, and all it leads to later."""
        ask = self.asks.popleft()
        steps: list[Mapping[str, Any]] = []

        def on_step(step: dict[str, Any]) -> None:
            steps.append(step)
            desk.hear_step(ask, step)

        try:
            answer = Answer(ask, self.asker.ask(ask.verb, ask.args, on_step=on_step))
        except BandstandError as error:
            answer = Answer(ask, {}, error)
        desk.hear(answer._replace(steps=tuple(steps)))


class Bench:
    """`answers` go over those of the situation; while it `holds`, nothing is answered."""

    def __init__(
        self, name: str = "fresh", answers: Mapping[str, Result] | None = None, **changes: Any
    ) -> None:
        urwid.set_encoding("utf-8")
        self.clock = FakeClock()
        scene = next(one for one in situations(self.clock.now()) if one.name == name)
        self.situation = Situation(
            scene.name,
            {**scene.status, **changes},
            scene.access,
            {**scene.answers, **(answers or {})},
            scene.age_s,
        )
        self.apply = Recorded(self.situation, self.clock)
        self.queue = Queue(self.apply)
        self.holds = False
        self.desk = Desk(At(self.situation, self.clock), self.queue)
        self.face = Face(self.desk)

    def started(self) -> Bench:
        """As after its first seconds, but for what opens by itself."""
        self.desk.press(presses(["f5"])[0])
        return self.passed(1)

    def passed(self, seconds: float) -> Bench:
        self.clock.pass_s(seconds)
        self.desk.tick()
        return self.settled()

    def settled(self) -> Bench:
        while self.queue.asks and not self.holds:
            self.queue.answer(self.desk)
        return self

    def keys(self, *keys: str) -> Bench:
        """Keys by name, anything else as typed."""
        for key in keys:
            for press in presses([key] if key in _NAMED else list(key)):
                self.desk.press(press)
                self.settled()
        return self

    def opened(self, *keys: str) -> Bench:
        """By these keys from home, past the login where there is one."""
        self.started()
        for key in keys:
            self.keys(key)
            if self.noun == "login" and not self.situation.access["locked_for_s"]:
                self.keys(PASSWORD, "enter")
        return self

    @property
    def noun(self) -> str:
        return self.desk.top.noun

    def asked(self, verb: str) -> list[Mapping[str, Any]]:
        return [args for asked, args in self.apply.asked if asked == verb]

    def lines(self, size: tuple[int, int] = (80, 24)) -> list[str]:
        return self.drawn(size)[0]

    def text(self, size: tuple[int, int] = (80, 24)) -> str:
        return "\n".join(self.lines(size))

    def words(self, size: tuple[int, int] = (80, 24)) -> str:
        """Without boxes and line ends, so that a sentence is found wherever it breaks."""
        return " ".join(self.text(size).replace("│", " ").split())

    def cursor(self, size: tuple[int, int] = (80, 24)) -> tuple[int, int] | None:
        return self.drawn(size)[1]

    def drawn(self, size: tuple[int, int]) -> tuple[list[str], tuple[int, int] | None]:
        canvas = self.face.render(size)
        return [line.decode() for line in canvas.text], canvas.cursor
