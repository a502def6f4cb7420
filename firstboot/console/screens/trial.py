"""Other settings of the network are in force for a minute: keep them, or put the old ones back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

from agent.status import words
from agent.status.words import Row, Tone
from agent.typed import Any
from agent.values.json_object import list_of, object_of, rows_of
from firstboot.console.screen import Answer, Ask, Back, MenuScreen, Say, Turn, say_error
from firstboot.console.widgets.layout import Part
from firstboot.console.widgets.menu import Item, Menu
from firstboot.console.widgets.rows import Rows
from firstboot.console.world import World

_KEEP = Ask("network-confirm", {}, "The new settings are kept", 30)
_BACK = Ask("network-undo", {}, "The former settings are put back", 30)
_LOOK = Ask("network-trial", {}, "The trial is looked at", 5, is_quiet=True)
# For whoever takes it back to have done so.
_GRACE_S = 1.0
_ITEMS = (
    Item("keep", "Keep", "The new settings last from now on."),
    Item("back", "Put back", "The former settings come back at once."),
)


@dataclass(frozen=True)
class TrialScreen(MenuScreen):
    """`until_s` is when it ends, by the clock that nobody sets; None until that is known."""

    noun: ClassVar[str] = "trial"
    title: ClassVar[str] = "Network: trial"
    until_s: float | None = None
    told_of: tuple[Row, ...] = ()
    is_asked: bool = False

    def begin(self, given: Mapping[str, Any], world: World) -> Turn:
        if "state" in given:
            return Turn(self._as_told(given, world))
        return Turn(self, (_LOOK,))

    def items(self, _: World, /) -> tuple[Item, ...]:
        return _ITEMS

    def menu(self, world: World) -> Menu:
        return replace(super().menu(world), title="What now?")

    def parts(self, world: World) -> tuple[Part, ...]:
        live = world.rows_of("Address", "Gateway", "DNS")
        asked = () if self.told_of else _asked(world)
        tried = (*self._countdown(world), *asked, *self.told_of)
        return (Rows("The new settings are tried", tried), Rows("Now", live), self.menu(world))

    def _countdown(self, world: World) -> tuple[Row, ...]:
        if self.until_s is None:
            return (Row("Time left", "not known yet", Tone.BUSY),)
        left_s = max(0.0, self.until_s - world.monotonic_s)
        told = f"{words.ago(left_s)}, then the former settings are back unless you keep these"
        return (Row("Time left", told, Tone.BUSY),)

    def choose(self, name: str, _: World, /) -> Turn:
        return Turn(self, (_KEEP if name == "keep" else _BACK,))

    def tick(self, world: World) -> Turn:
        is_over = self.until_s is not None and world.monotonic_s >= self.until_s + _GRACE_S
        is_gone = world.trial not in ("", "waiting", "applying", "keeping")
        if (is_over or is_gone) and not self.is_asked:
            return Turn(replace(self, is_asked=True), (_LOOK,))
        return Turn(self)

    def told(self, answer: Answer, world: World) -> Turn:
        made = replace(self, is_asked=False)
        if answer.error is not None:
            if answer.ask.is_quiet:
                return Turn(made)
            # Whether it goes on is asked once that was read.
            due = replace(made, until_s=world.monotonic_s - _GRACE_S)
            return Turn(due, (say_error(answer.error),))
        said = words.clean(answer.result.get("state"))
        if said == "waiting":
            return Turn(made._as_told(answer.result, world))
        if said in ("applying", "keeping"):
            return Turn(made)
        return Turn(made, (Back(), ended(answer.result)))

    def _as_told(self, said: Mapping[str, Any], world: World) -> TrialScreen:
        left = said.get("seconds_left")
        left_s = float(left) if isinstance(left, int | float) else 0.0
        faults = [words.clean(row.get("message")) for row in rows_of(said.get("faults"))]
        notices = [words.clean(one) for one in list_of(said.get("notices"))]
        changes = [words.clean(one) for one in list_of(said.get("changes"))]
        rows = (
            *(Row("" if at else "Tried", one) for at, one in enumerate(changes)),
            *(Row("Not well", one, Tone.BAD) for one in faults),
            *(Row("Worth knowing", one) for one in notices),
        )
        return replace(self, until_s=world.monotonic_s + left_s, told_of=rows or self.told_of)


def ended(said: Mapping[str, Any]) -> Say:
    """How a trial ended, in words."""
    state, because = words.clean(said.get("state")), words.clean(said.get("because"))
    faults = [words.clean(row.get("message")) for row in rows_of(said.get("faults"))]
    notices = [words.clean(one) for one in list_of(said.get("notices"))]
    titles = {
        "kept": ("Kept", "The network is as you asked, and stays so."),
        "restored": ("Put back", "The network is as it was before the last change."),
        "taken-back": ("Put back", f"The former settings are in force again: {because}."),
    }
    title, text = titles.get(state, ("The trial is over", "No other settings are tried now."))
    return Say(title, (text, *faults, *notices))


def _asked(world: World) -> tuple[Row, ...]:
    asked = object_of(object_of(world.status.get("trial")).get("settings"))
    rows = [(words.clean(key), words.clean(text)) for key, text in asked.items()]
    shown = [f"{key.removeprefix('network.')} {text}" for key, text in rows if text]
    return (Row("Tried", ", ".join(shown)),) if shown else ()
