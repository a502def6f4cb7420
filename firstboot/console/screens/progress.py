"""Step by step what first boot or the last change did, and what is waited for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from agent.status import words
from agent.status.words import Row, Tone
from agent.typed import Any
from agent.values.json_object import object_of
from firstboot.console.screen import Screen
from firstboot.console.widgets.layout import Part
from firstboot.console.widgets.progress import progress
from firstboot.console.widgets.rows import Rows
from firstboot.console.world import World

# How long a step may take on a slow machine before anybody need wonder.
_USUAL_S = {
    "network": 30.0, "node": 15.0, "tls": 15.0, "serving": 20.0, "join": 60.0, "init": 60.0,
}  # fmt: skip
_USUALLY_S = 15.0
_NONE = (Row("", "No steps are told yet."),)


@dataclass(frozen=True)
class Progress(Screen):
    """Follows the status."""

    noun: ClassVar[str] = "progress"
    title: ClassVar[str] = "Progress"
    keys: ClassVar[str] = "Up/Down scroll  Esc back  F1 help"

    def parts(self, world: World) -> tuple[Part, ...]:
        state = (words.state(world.status, world.now), *_expected(world))
        wrong = Rows("What is wrong", words.faults(world.status))
        parts = (Rows("Now", state), *_steps(world), wrong)
        return tuple(part for part in parts if part.rows)


def _steps(world: World) -> tuple[Rows, ...]:
    """The last change with its own; then first boot is history."""
    changed = progress(words.last_change(world.status))
    if not changed:
        return (Rows("Steps", progress(words.told_steps(world.status)) or _NONE),)
    since = object_of(world.status.get("change")).get("since")
    since_s = words.seconds_since(since, world.now)
    begun = () if since_s is None else (Row("Begun", f"{words.ago(since_s)} ago"),)
    return (
        Rows("Cluster", progress(words.joining(world.status))),
        Rows("The last change", (*begun, *changed)),
        Rows("First boot, before that", progress(words.first_boot(world.status))),
    )


def _expected(world: World) -> tuple[Row, ...]:
    """Slow is not failed: what is usual, and what to do only beyond that."""
    running = [row for row in words.latest_steps(world.status) if row.get("state") == "running"]
    last: Mapping[str, Any] = running[-1] if running else {"name": world.status.get("step")}
    name = words.clean(last.get("name"))
    if not name or world.status.get("state") not in ("working", "waiting"):
        return ()
    usual_s = _USUAL_S.get(name.partition(".")[0], _USUALLY_S)
    since = last.get("started") or world.status.get("since")
    since_s = words.seconds_since(since, world.now) or 0.0
    told = Row("Usually", f"{name} takes up to {words.ago(usual_s)}", Tone.BUSY)
    if since_s <= usual_s:
        return (told,)
    late = "longer than usual; it goes on. 6 Check connections may say what it waits for"
    return (told, Row("", late, Tone.BUSY))
