"""A shell, where it was opened for a while: said here, and closed here."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from agent.status import words
from agent.status.words import Row, Tone
from firstboot.console.screen import Ask
from firstboot.console.screens.deeds import Deed, DeedScreen
from firstboot.console.widgets.layout import Part
from firstboot.console.widgets.menu import Item
from firstboot.console.widgets.rows import Rows
from firstboot.console.world import World

_CLOSE = Deed(
    Item("close", "Close it now", "Nobody else gets in by it; who is in stays in."),
    Ask("shell", {"open": False}, "The shell is closed", 5),
    done="The shell is closed. It is opened again in the portal, or by bandstand node shell on.",
)


@dataclass(frozen=True)
class Shell(DeedScreen):
    """Off unless somebody opened it; what is done in it stands in the trail."""

    noun: ClassVar[str] = "shell"
    title: ClassVar[str] = "Shell"

    def deeds(self, _: World, /) -> tuple[Deed, ...]:
        return (_CLOSE,)

    def parts(self, world: World) -> tuple[Part, ...]:
        access = world.access
        left = words.ago(access.shell_left_s)
        state = f"open for {left} more" if access.shell_open else "closed"
        rows = (
            Row("Shell", state, Tone.BUSY if access.shell_open else Tone.PLAIN),
            Row("Who gets in", "admin, with the password or a key; each login stands in the trail"),
        )
        menu = replace(self.menu(world), title="What now?")
        return (Rows("Shell", rows), menu)
