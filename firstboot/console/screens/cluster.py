"""The cluster: its state and members, how to make one, and to join one."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import ClassVar

from agent.errors import InputRefused
from agent.status.words import Row, Tone
from agent.values.json_object import object_of
from firstboot.console.screen import (
    Answer,
    Ask,
    Back,
    FormScreen,
    MenuScreen,
    Open,
    Say,
    Turn,
    say_error,
    show_switch,
)
from firstboot.console.screens import home, judged
from firstboot.console.widgets.field import Entry, Field
from firstboot.console.widgets.form import Button, Form
from firstboot.console.widgets.layout import Part
from firstboot.console.widgets.menu import Item
from firstboot.console.widgets.rows import Rows
from firstboot.console.world import World

_JOIN = "cluster.join"
_STRING = Field(
    _JOIN,
    "Join string",
    "A member shows it: its admin page, or bandstand cluster token create. It works once.",
    Entry.MASKED,
)
_BUTTONS = (Button("join", "Join"), Button("back", "Back"))


@dataclass(frozen=True)
class Cluster(MenuScreen):
    """Joining is for a node that is no member yet."""

    noun: ClassVar[str] = "cluster"
    title: ClassVar[str] = "Cluster"

    def items(self, world: World) -> tuple[Item, ...]:
        state = object_of(world.status.get("cluster")).get("state")
        if state in ("member", "joining", "making"):
            return (Item("back", "Back"),)
        about = "By a join string that a member of the cluster shows."
        return (Item("join", "Join a cluster", about), Item("back", "Back"))

    def choose(self, name: str, _: World, /) -> Turn:
        return Turn(self, (Open("join"),) if name == "join" else (Back(),))

    def parts(self, world: World) -> tuple[Part, ...]:
        menu = replace(self.menu(world), title="What now?")
        rows = Rows("State", home.cluster(world))
        if len(self.items(world)) == 1:
            return (rows, menu)
        return (rows, Rows("To make a new cluster", _hint(world)), menu)


def _hint(world: World) -> tuple[Row, ...]:
    """That is a wizard in the browser, which has a keyboard and a clipboard."""
    where = world.url or "the page of this node, which does not answer yet"
    code = world.code or "5 Code and addresses shows it"
    return (
        Row("Open", where, Tone.GOOD if world.url else Tone.BUSY),
        Row("Set-up code", "no more: the node is claimed" if world.access.is_claimed else code),
    )


@dataclass(frozen=True)
class Join(FormScreen):
    """The string is judged while it is typed: it has check digits."""

    noun: ClassVar[str] = "join"
    title: ClassVar[str] = "Join a cluster"
    form: Form = field(
        default_factory=lambda: Form((_STRING, show_switch()), _BUTTONS, title="Join a cluster")
    )

    def parts(self, _: World, /) -> tuple[Part, ...]:
        return (self.form,)

    def holds(self, _: World, /) -> str:
        return "cluster"

    def judge(self, form: Form, _: World, /) -> Form:
        text = form.find(_JOIN).text.strip()
        found, _missing = judged.faults({_JOIN: text}, _JOIN, is_member=False)
        return replace(form, faults=found, missing=frozenset(found))

    def button(self, name: str, world: World) -> Turn:
        if name != "join":
            return Turn(self, (Back(),))
        text = self.form.find(_JOIN).text.strip()
        form = self.judge(self.form, world) if text else self._blank()
        if form.faults:
            return Turn(replace(self, form=form.tried()))
        return Turn(self, (Ask("join", {"join": text}, "This node joins the cluster", 60),))

    def answered(self, answer: Answer, _: World, /) -> Turn:
        error = answer.error
        if isinstance(error, InputRefused):
            return Turn(self, (judged.say_refused(error, self.form),))
        if error is not None:
            return Turn(self, (say_error(error),))
        texts = ("This node was let in. How far it is stands on home, under Cluster.",)
        return Turn(self, (Back(), Say("Joining", texts)))

    def _blank(self) -> Form:
        faults = {_JOIN: "is blank; accepted is a join string as a member shows it"}
        return replace(self.form, faults=faults, missing=frozenset())
