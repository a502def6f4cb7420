"""Restart or power off, with the effect on the cluster first."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from agent.status import words
from firstboot.console.screen import Ask
from firstboot.console.screens.deeds import Deed, DeedScreen
from firstboot.console.screens.home import cluster
from firstboot.console.widgets.layout import Part
from firstboot.console.widgets.menu import Item
from firstboot.console.widgets.rows import Rows
from firstboot.console.world import World


@dataclass(frozen=True)
class Power(DeedScreen):
    """Asked back, with the mark on Cancel."""

    noun: ClassVar[str] = "power"
    title: ClassVar[str] = "Restart or power off"

    def deeds(self, world: World) -> tuple[Deed, ...]:
        effect = _effect(world)
        return (
            Deed(
                Item("restart", "Restart", "The node is away for about a minute."),
                Ask("power", {"act": "restart"}, "The node restarts", 10),
                (effect, "It comes back by itself, as it is now."),
                "The node goes down and comes back.",
                is_grave=True,
            ),
            Deed(
                Item("off", "Power off", "The node is away until somebody starts it."),
                Ask("power", {"act": "off"}, "The node goes down", 10),
                (effect, "It comes back when the machine is started."),
                "The node goes down.",
                is_grave=True,
            ),
        )

    def parts(self, world: World) -> tuple[Part, ...]:
        menu = replace(self.menu(world), title="What is to happen?")
        return (Rows("Effect on the cluster", cluster(world)), menu)


def _effect(world: World) -> str:
    safe = next(row.text for row in cluster(world) if row.label == "Restart now")
    return f"For the cluster this is {words.clean(safe)}."
