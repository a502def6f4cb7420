"""The console in a recorded situation, played by keys at a time that stands still: for pictures."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import urwid

from agent.errors import BandstandError
from agent.system.clock import Clock
from agent.typed import Any, Self
from firstboot.console.asking import Asker
from firstboot.console.desk import Desk
from firstboot.console.keys import NAMED, presses
from firstboot.console.preview import At, Recorded
from firstboot.console.screen import Answer, Ask
from firstboot.console.situations import Situation
from firstboot.console.view import MINIMUM, Face
from firstboot.console.world import LINES

_BEGIN = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


class Still(Clock):
    """Goes on only where somebody waits."""

    def __init__(self) -> None:
        self.passed_s = 0.0

    def now(self) -> datetime:
        return _BEGIN + timedelta(seconds=self.passed_s)

    def monotonic_s(self) -> float:
        return self.passed_s

    def pause(self, seconds: float) -> None:
        self.passed_s += seconds


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


class Stage:
    """Desk, face and a service that answers at once; while it `holds`, nothing is answered."""

    def __init__(self, situation: Situation, clock: Clock) -> None:
        urwid.set_encoding("utf-8")
        self.situation = situation
        self.apply = Recorded(situation, clock)
        self.queue = Queue(self.apply)
        self.holds = False
        self.desk = Desk(At(situation, clock), self.queue, other_face=LINES)
        self.face = Face(self.desk)
        self._clock = clock

    def started(self) -> Self:
        """As after its first seconds, but for what opens by itself."""
        self.desk.press(presses(["f5"])[0])
        return self.passed(1)

    def passed(self, seconds: float) -> Self:
        self._clock.pause(seconds)
        self.desk.tick()
        return self.settled()

    def settled(self) -> Self:
        while self.queue.asks and not self.holds:
            self.queue.answer(self.desk)
        return self

    def keys(self, *keys: str) -> Self:
        """Keys by name, anything else as typed."""
        for key in keys:
            for press in presses([key] if key in NAMED else list(key)):
                self.desk.press(press)
                _ = self.settled()
        return self

    @property
    def noun(self) -> str:
        return self.desk.top.noun

    def lines(self, size: tuple[int, int] = MINIMUM) -> list[str]:
        return self.drawn(size)[0]

    def drawn(self, size: tuple[int, int]) -> tuple[list[str], tuple[int, int] | None]:
        """The lines, and where the cursor stands."""
        canvas = self.face.render(size)
        return [line.decode() for line in canvas.text], canvas.cursor
