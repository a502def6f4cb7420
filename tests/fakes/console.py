"""A desk of the console in a recorded situation, with keys to press and a clock to move on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from firstboot.console.preview import PASSWORD
from firstboot.console.situations import Result, Situation, situations
from firstboot.console.stage import Stage
from tests.fakes.clock import FakeClock

NAMES = tuple(one.name for one in situations(FakeClock().now()))


class Bench(Stage):
    """`answers` go over those of the situation, `changes` over its status."""

    def __init__(
        self, name: str = "fresh", answers: Mapping[str, Result] | None = None, **changes: Any
    ) -> None:
        self.clock = FakeClock()
        scene = next(one for one in situations(self.clock.now()) if one.name == name)
        made = Situation(
            scene.name,
            {**scene.status, **changes},
            scene.access,
            {**scene.answers, **(answers or {})},
            scene.age_s,
        )
        super().__init__(made, self.clock)

    def opened(self, *keys: str) -> Bench:
        """By these keys from home, past the login where there is one."""
        self.started()
        for key in keys:
            self.keys(key)
            if self.noun == "login" and not self.situation.access["locked_for_s"]:
                self.keys(PASSWORD, "enter")
        return self

    def asked(self, verb: str) -> list[Mapping[str, Any]]:
        return [args for asked, args in self.apply.asked if asked == verb]

    def text(self, size: tuple[int, int] = (80, 24)) -> str:
        return "\n".join(self.lines(size))

    def words(self, size: tuple[int, int] = (80, 24)) -> str:
        """Without boxes and line ends, so that a sentence is found wherever it breaks."""
        return " ".join(self.text(size).replace("│", " ").split())

    def cursor(self, size: tuple[int, int] = (80, 24)) -> tuple[int, int] | None:
        return self.drawn(size)[1]
