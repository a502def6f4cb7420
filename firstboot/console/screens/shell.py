"""A shell on a terminal of its own, while its window is open: started here, and closed here."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from agent.status import words
from agent.status.words import Row, Tone
from firstboot.console.screen import Ask, Back
from firstboot.console.screens.deeds import Deed, DeedScreen
from firstboot.console.widgets.layout import Part
from firstboot.console.widgets.menu import Item
from firstboot.console.widgets.rows import Rows
from firstboot.console.world import World

_HOW = "Alt-F2 goes there, Alt-F1 comes back here."
_START = Deed(
    Item("start", "Start a shell on terminal 2", _HOW),
    Ask("shell", {"open": True}, "The shell is started", 5),
    done=f"A shell of admin runs on terminal 2: {_HOW}",
)
_CLOSE = Deed(
    Item("close", "Close", "Ends the shell on terminal 2, with all that runs in it."),
    Ask("shell", {"open": False}, "The shell is closed", 5),
    done="The shell is closed. It is opened again by bandstand node shell on.",
)
_BACK = Deed(Item("back", "Back"), Back())


@dataclass(frozen=True)
class Shell(DeedScreen):
    """Off unless root opened it; that it was started stands in the trail."""

    noun: ClassVar[str] = "shell"
    title: ClassVar[str] = "Shell"

    def deeds(self, world: World) -> tuple[Deed, ...]:
        if not world.shell_left_s or not world.access.is_claimed:
            return (_BACK,)
        return (_START, _CLOSE) if world.is_private else (_CLOSE,)

    def parts(self, world: World) -> tuple[Part, ...]:
        menu = replace(self.menu(world), title="What now?")
        return (Rows("Shell", _state(world)), menu)


def _state(world: World) -> tuple[Row, ...]:
    if not world.shell_left_s:
        how = "bandstand node shell on opens it for a while"
        return (Row("Shell", "closed"), Row("", how))
    left = f"may be opened for {words.ago(world.shell_left_s)} more"
    return (Row("Shell", left, Tone.BUSY), *_who(world))


def _who(world: World) -> tuple[Row, ...]:
    if not world.access.is_claimed:
        return (Row("Here", "not before the node is claimed: nobody has a password until then"),)
    who = Row("Who", "admin, without another password; that it is started stands in the trail")
    if world.is_private:
        return (who, Row("End", "when the time is over, with all that was started in it"))
    where = "on the machine's own screen only: what a serial line or line mode shows may be kept"
    return (who, Row("Where", where))
