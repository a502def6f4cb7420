"""A menu of deeds: each is asked back, done by a verb, and told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from agent.typed import Any, NamedTuple
from firstboot.console.screen import (
    CANCEL,
    Answer,
    Ask,
    Back,
    Effect,
    MenuScreen,
    Open,
    Say,
    Turn,
    say_error,
)
from firstboot.console.widgets.field import Field
from firstboot.console.widgets.form import Button, Form
from firstboot.console.widgets.menu import Item
from firstboot.console.world import World

Told = Callable[[Mapping[str, Any]], Effect]


class Deed(NamedTuple):
    """`question` is asked before; a deed without one is done at once, or leads elsewhere. `typed`
    is a field whose text goes along as the argument of its key.
    """

    item: Item
    does: Ask | Open | Back
    question: tuple[str, ...] = ()
    done: str = ""
    told: Told | None = None
    typed: Field | None = None
    is_grave: bool = False


@dataclass(frozen=True)
class DeedScreen(MenuScreen):
    """What was done last is remembered by its item's name."""

    doing: str = ""

    def deeds(self, _: World, /) -> tuple[Deed, ...]:
        raise NotImplementedError

    def items(self, world: World) -> tuple[Item, ...]:
        return tuple(deed.item for deed in self.deeds(world))

    def choose(self, name: str, world: World) -> Turn:
        deed = self._deed(name, world)
        if deed.question:
            return Turn(self, (_question(deed),))
        return self.do(deed, {})

    def chosen(self, name: str, texts: Mapping[str, str], world: World) -> Turn:
        return self.do(self._deed(name, world), texts)

    def do(self, deed: Deed, texts: Mapping[str, str]) -> Turn:
        made = replace(self, doing=deed.item.name)
        if isinstance(deed.does, Ask) and deed.typed is not None:
            key = deed.typed.key
            args = {**deed.does.args, key: texts.get(key, "").strip()}
            return Turn(made, (deed.does._replace(args=args),))
        return Turn(made, (deed.does,))

    def told(self, answer: Answer, world: World) -> Turn:
        if answer.error is not None:
            return Turn(self, (say_error(answer.error),))
        found = [deed for deed in self.deeds(world) if deed.item.name == self.doing]
        if not found:
            return Turn(self)
        deed = found[0]
        return Turn(self, (deed.told(answer.result) if deed.told else Say("Done", (deed.done,)),))

    def _deed(self, name: str, world: World) -> Deed:
        return next(deed for deed in self.deeds(world) if deed.item.name == name)


def _question(deed: Deed) -> Say:
    """What is grave is not done by one Enter too many."""
    buttons = (Button(deed.item.name, deed.item.label), CANCEL)
    fields = (deed.typed,) if deed.typed else ()
    at = 1 if deed.is_grave and not fields else 0
    return Say(f"{deed.item.label}?", deed.question, Form(fields, buttons, at=at))
