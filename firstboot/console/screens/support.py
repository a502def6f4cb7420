"""The bundle for support: made here, and what is in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

from agent.status import words
from agent.status.words import Row
from agent.typed import Any
from agent.values.json_object import list_of
from firstboot.console.screen import Answer, Ask, MenuScreen, Turn, say_error
from firstboot.console.widgets.layout import Part
from firstboot.console.widgets.menu import Item
from firstboot.console.widgets.rows import Prose, Rows
from firstboot.console.world import World

_MAKE = Ask("support", {}, "The bundle is made", 30)
_ABOUT = (
    "A bundle holds the status, the settings, logs and the state of the network. Secrets are "
    "masked; names and addresses are not: look through it before you send it.",
)
_KIB = 1024


@dataclass(frozen=True)
class Support(MenuScreen):
    """`made` are rows about the bundle made last."""

    noun: ClassVar[str] = "support"
    title: ClassVar[str] = "Support"
    made: tuple[Row, ...] = ()

    def items(self, _: World, /) -> tuple[Item, ...]:
        return (Item("make", "Make a bundle", "Takes some seconds, and 80 MiB of free disk."),)

    def choose(self, _name: str, _world: World, /) -> Turn:
        return Turn(self, (_MAKE,))

    def parts(self, world: World) -> tuple[Part, ...]:
        menu = replace(self.menu(world), title="What now?")
        about = Prose(_ABOUT, "What it is")
        return (about, menu, Rows("Made", self.made)) if self.made else (about, menu)

    def told(self, answer: Answer, _: World, /) -> Turn:
        if answer.error is not None:
            return Turn(self, (say_error(answer.error),))
        return Turn(replace(self, made=_made(answer.result)))


def _made(said: Mapping[str, Any]) -> tuple[Row, ...]:
    size = said.get("bytes")
    kib = -(-size // _KIB) if isinstance(size, int) else 0
    names = [words.clean(one) for one in list_of(said.get("contents"))]
    return (
        Row("File", words.clean(said.get("file"))),
        Row("Size", f"{kib} KiB"),
        Row("Fetch it", "as root, by scp; bandstand node support FILE writes one elsewhere"),
        *(Row("" if at else "Contents", name) for at, name in enumerate(names)),
    )
