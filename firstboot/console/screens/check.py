"""Check connections: each with a word, the reason, and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

from agent.status.words import Row
from agent.typed import Any
from agent.values.json_object import rows_of
from firstboot.console.screen import Answer, Ask, MenuScreen, Turn, say_error
from firstboot.console.widgets.layout import Part
from firstboot.console.widgets.menu import Item
from firstboot.console.widgets.progress import progress
from firstboot.console.widgets.rows import Rows
from firstboot.console.world import World

_CHECK = Ask("check", {}, "Connections are checked", 40)


@dataclass(frozen=True)
class Check(MenuScreen):
    """Begins at once; what was found stays until it is checked again."""

    noun: ClassVar[str] = "check"
    title: ClassVar[str] = "Check connections"
    found: tuple[Row, ...] = ()

    def begin(self, _given: Mapping[str, Any], _world: World, /) -> Turn:
        return Turn(self, (_CHECK,))

    def items(self, _: World, /) -> tuple[Item, ...]:
        return (Item("again", "Check again"),)

    def choose(self, _name: str, _world: World, /) -> Turn:
        return Turn(self, (_CHECK,))

    def parts(self, world: World) -> tuple[Part, ...]:
        rows = self.found or (Row("", "Nothing is checked yet."),)
        return (Rows("Connections", rows), replace(self.menu(world), title="What now?"))

    def told(self, answer: Answer, _: World, /) -> Turn:
        if answer.error is not None:
            return Turn(self, (say_error(answer.error),))
        checks = rows_of(answer.result.get("checks"))
        return Turn(replace(self, found=progress(checks)))
