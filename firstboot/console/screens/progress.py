"""Step by step what first boot or the last change did, and what is waited for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from agent.status import words
from agent.status.words import Row, Tone
from agent.values.json_object import object_of
from firstboot.console.expected import expected
from firstboot.console.screen import Screen
from firstboot.console.widgets.layout import Part
from firstboot.console.widgets.progress import progress
from firstboot.console.widgets.rows import Rows
from firstboot.console.world import World

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
    """What is usual, and what to do only beyond that."""
    found = expected(world)
    if found is None:
        return ()
    told = Row("Usually", f"{found.name} takes up to {found.usual}", Tone.BUSY)
    late = "longer than usual; it goes on. 6 Check connections may say what it waits for"
    return (told, Row("", late, Tone.BUSY)) if found.is_late else (told,)
