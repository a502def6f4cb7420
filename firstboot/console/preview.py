"""Every screen on a laptop, against recorded situations; F2 goes to the next."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import urwid

from agent.errors import BandstandError, NotNow, RefusedByPeer
from agent.system.clock import Clock
from agent.typed import Any
from firstboot.console.situations import ANSWERS, TOLD, Situation, situations
from firstboot.console.world import News, World

PASSWORD = "bandstand"  # noqa: S105 - of the preview alone, and shown in it
_STEP_S = 0.4
_LOCKED = 3


@dataclass
class Recorded:
    """Stands for bandstand-apply in one situation; logs in, locks and counts a trial down."""

    situation: Situation
    clock: Clock
    pace_s: float = 0.0
    logged_in: bool = False
    wrong: int = 0
    asked: list[tuple[str, Mapping[str, Any]]] = field(
        default_factory=list[tuple[str, Mapping[str, Any]]]
    )

    def ask(
        self, verb: str, args: Mapping[str, Any], *, on_step: Callable[[dict[str, Any]], None]
    ) -> dict[str, Any]:
        self.asked.append((verb, args))
        for step in TOLD.get(verb, ()):
            if self.pace_s:
                self.clock.pause(self.pace_s)
            on_step(dict(step))
        if verb == "login":
            return self._login(args)
        if verb == "logout":
            self.logged_in = False
        found = {"access": self.situation.access, **ANSWERS, **self.situation.answers}[verb]
        if isinstance(found, BandstandError):
            raise found
        return {**found, "logged_in": self.logged_in} if verb == "access" else dict(found)

    def _login(self, args: Mapping[str, Any]) -> dict[str, Any]:
        if self.situation.access["locked_for_s"] or self.wrong >= _LOCKED:
            raise NotNow("after wrong passwords the login is closed for 90 s more", code="locked")
        if args["password"] != PASSWORD:
            self.wrong += 1
            raise RefusedByPeer("is not the administrator's password", code="password-wrong")
        self.logged_in = True
        return {"logged_in": True, "within_s": 600}


@dataclass
class Preview:
    """Source and asker in one: which situation is shown, and the keys that change it."""

    clock: Clock = field(default_factory=Clock)
    at: int = 0
    pace_s: float = _STEP_S
    apply: Recorded = field(init=False)

    def __post_init__(self) -> None:
        self.turn(0)

    def world(self) -> World:
        now = self.clock.now()
        scene = situations(now)[self.at]
        news = News(scene.age_s, exists=bool(scene.status))
        shown = f"Preview: {scene.name} (F2 next, F3 former, Ctrl-C ends)"
        return World(now, self.clock.monotonic_s(), shown, scene.status, news)

    def ask(
        self, verb: str, args: Mapping[str, Any], *, on_step: Callable[[dict[str, Any]], None]
    ) -> dict[str, Any]:
        return self.apply.ask(verb, args, on_step=on_step)

    def turn(self, by: int) -> None:
        scenes = situations(self.clock.now())
        self.at = (self.at + by) % len(scenes)
        self.apply = Recorded(scenes[self.at], self.clock, self.pace_s)

    def press(self, key: str) -> bool:
        if key == "ctrl c":
            raise urwid.ExitMainLoop
        if key not in ("f2", "f3"):
            return False
        self.turn(1 if key == "f2" else -1)
        return True


@dataclass
class At:
    """A source that stands in one situation, for tests and pictures."""

    situation: Situation
    clock: Clock
    is_private: bool = True

    def world(self) -> World:
        scene = self.situation
        news = News(scene.age_s, exists=bool(scene.status))
        now, now_s = self.clock.now(), self.clock.monotonic_s()
        world = World(now, now_s, "Bandstand", scene.status, news)
        return replace(world, is_private=self.is_private)
