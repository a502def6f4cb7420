"""What a screen is: frozen, it draws parts and answers keys; what is to happen it says as effects.

press, told, chosen, tick -> Turn(the screen as it is then, effects)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import ClassVar

from agent.errors import BandstandError, Unanswered
from agent.status import words
from agent.typed import Any, NamedTuple
from firstboot.console.keys import Press
from firstboot.console.widgets.field import ON, Entry, Field
from firstboot.console.widgets.form import SHOW, Button, Form
from firstboot.console.widgets.layout import Part
from firstboot.console.widgets.menu import Item, Menu
from firstboot.console.world import World

# Buttons without a name close a dialog, and nothing else happens.
OKAY = Button("", "OK")
CANCEL = Button("", "Cancel")

EDITING = "editing"
_TAKE_OVER = "take-over"
_HELD_ELSEWHERE = (EDITING, "taken-over")


class Ask(NamedTuple):
    """A verb for bandstand-apply. `title` says what is being done, `usual_s` how long that takes.

    A quiet one is asked behind the screen's back; keys typed during a loading one are not lost.
    """

    verb: str
    args: Mapping[str, Any] = {}
    title: str = ""
    usual_s: float = 5.0
    is_quiet: bool = False
    is_loading: bool = False


class Answer(NamedTuple):
    """What came of it: a result, or an error; and the steps told on the way."""

    ask: Ask
    result: Mapping[str, Any]
    error: BandstandError | None = None
    steps: tuple[Mapping[str, Any], ...] = ()


class Open(NamedTuple):
    """Another screen by its noun, in place of this one or on top; `given` is for it."""

    noun: str
    given: Mapping[str, Any] = {}
    is_instead: bool = False


class Back(NamedTuple):
    """To the screen below."""


class Say(NamedTuple):
    """A dialog above the screen: `chosen` hears the button's name and what was filled in."""

    title: str
    texts: tuple[str, ...]
    form: Form = Form((), (OKAY,))


class Wear(NamedTuple):
    """Other colours."""

    palette: str


class Lock(NamedTuple):
    """End the login."""


class Switch(NamedTuple):
    """The other face takes over, and this one ends."""


Effect = Ask | Open | Back | Say | Wear | Lock | Switch


@dataclass(frozen=True)
class Screen:
    """Each of its answers is a Turn; a Turn with the same screen and no effect: key not known."""

    noun: ClassVar[str] = ""
    title: ClassVar[str] = ""
    keys: ClassVar[str] = "Arrows, Enter  Esc back  F1 help"
    # Whether the last part stands still at the bottom while the others scroll.
    is_pinned: ClassVar[bool] = False

    def parts(self, _: World, /) -> tuple[Part, ...]:
        raise NotImplementedError

    def begin(self, _given: Mapping[str, Any], _world: World, /) -> Turn:
        """When it is opened, with what the opener gave."""
        return Turn(self)

    def press(self, press: Press, _: World, /) -> Turn:
        return Turn(self, (Back(),)) if press.name == "esc" else Turn(self)

    def told(self, answer: Answer, _: World, /) -> Turn:
        """What came of an ask of this screen."""
        return Turn(self, (say_error(answer.error),) if answer.error else ())

    def chosen(self, _name: str, _texts: Mapping[str, str], _world: World, /) -> Turn:
        """A button of its dialog."""
        return Turn(self)

    def tick(self, _: World, /) -> Turn:
        """About every second."""
        return Turn(self)

    def again(self, _: World, /) -> Turn:
        """After a login that was asked for above it."""
        return Turn(self)


class Turn(NamedTuple):
    """The screen from now on, and what is to happen."""

    screen: Screen
    effects: tuple[Effect, ...] = ()


@dataclass(frozen=True)
class MenuScreen(Screen):
    """Some rows, and a menu whose items `choose` acts on."""

    at: int = 0

    def items(self, _: World, /) -> tuple[Item, ...]:
        raise NotImplementedError

    def choose(self, _name: str, _world: World, /) -> Turn:
        raise NotImplementedError

    def menu(self, world: World) -> Menu:
        items = self.items(world)
        return Menu(items, min(self.at, max(0, len(items) - 1)), title="Menu")

    def press(self, press: Press, world: World) -> Turn:
        chosen = self.menu(world).press(press)
        if chosen is None:
            return super().press(press, world)
        made = replace(self, at=chosen.menu.at)
        return made.choose(chosen.name, world) if chosen.name else Turn(made)


@dataclass(frozen=True)
class FormScreen(Screen):
    """A form that `judge` says the faults of after each key; `button` acts.

    One that `holds` a section of the settings is edited by one console at a time: another one is
    told who has it and since when, and may take it over.
    """

    keys: ClassVar[str] = "Tab, Enter next  Esc leave  F1 help"
    form: Form = field(default_factory=lambda: Form((), ()))
    is_held: bool = False

    def holds(self, _: World, /) -> str:
        """The section that is kept from others meanwhile; blank where nothing is changed."""
        return ""

    def load(self) -> tuple[Ask, ...]:
        """What it begins with."""
        return ()

    def begin(self, given: Mapping[str, Any], world: World, /) -> Turn:
        """One that opened by itself, perhaps on several consoles, is nobody's until a key."""
        if given.get("by_itself") is True:
            return Turn(self, self.load())
        return Turn(replace(self, is_held=True), (*self._hold(world), *self.load()))

    def again(self, world: World, /) -> Turn:
        """Who held it then may have lost it with the connection."""
        return Turn(self, self._hold(world) if self.is_held else ())

    def _hold(self, world: World, *, take_over: bool = False) -> tuple[Ask, ...]:
        form = self.holds(world)
        args = {"form": form, "take_over": take_over}
        ask = Ask(EDITING, args, "Others who edit are looked for", 5, is_loading=True)
        return (ask,) if form else ()

    def judge(self, form: Form, _: World, /) -> Form:
        """The form with its faults and notes as they are now."""
        return form

    def button(self, _name: str, _world: World, /) -> Turn:
        raise NotImplementedError

    def press(self, press: Press, world: World) -> Turn:
        if self.is_held or press.name == "esc" or not self.holds(world):
            return self.typed(press, world)
        turn = replace(self, is_held=True).typed(press, world)
        return Turn(turn.screen, (*self._hold(world), *turn.effects))

    def typed(self, press: Press, world: World) -> Turn:
        """A key for the form."""
        pressed = self.form.press(press)
        if pressed is None:
            return self.leave(world) if press.name == "esc" else Turn(self)
        is_same = pressed.form.texts == self.form.texts
        made = replace(self, form=pressed.form if is_same else self.judge(pressed.form, world))
        return made.button(pressed.button, world) if pressed.button is not None else Turn(made)

    def leave(self, _: World, /) -> Turn:
        return Turn(self, (Back(),))

    def told(self, answer: Answer, world: World) -> Turn:
        """Who else has the form is the same for all of them; the rest is `answered`."""
        error = answer.error
        if error is not None and error.code in _HELD_ELSEWHERE:
            return Turn(self, (_taken(error, is_loaded_anew=bool(self.load())),))
        if answer.ask.verb == EDITING:
            return Turn(self, (say_error(error),) if error is not None else ())
        return self.answered(answer, world)

    def answered(self, answer: Answer, world: World, /) -> Turn:
        return super().told(answer, world)

    def chosen(self, name: str, _texts: Mapping[str, str], world: World) -> Turn:
        if name == _TAKE_OVER:
            # Who had it may have changed what was loaded before.
            return Turn(self, (*self._hold(world, take_over=True), *self.load()))
        return Turn(self, (Back(),)) if name == "leave" else self.confirmed(name, world)

    def confirmed(self, _name: str, _world: World, /) -> Turn:
        """A button of its dialog that means to go on."""
        return Turn(self)

    def filled(self, texts: Mapping[str, str], world: World) -> FormScreen:
        """As by typing."""
        return replace(self, form=self.judge(self.form.filled(texts), world))


def say_error(error: BandstandError) -> Say:
    """What it said, and what to do."""
    texts = [words.clean(line) for line in error.message.splitlines()]
    if error.hint:
        texts.append(f"What to do: {words.clean(error.hint)}")
    if isinstance(error, Unanswered):
        texts.append(AWAY)
    return Say("This did not work", tuple(texts))


def _taken(error: BandstandError, *, is_loaded_anew: bool) -> Say:
    """Somebody else has this form open."""
    buttons = (Button("leave", "Back"), Button(_TAKE_OVER, "Take over"))
    anew = _ANEW if is_loaded_anew else ""
    texts = (words.clean(error.message), words.clean(error.hint), anew)
    return Say("Somebody edits this already", tuple(filter(None, texts)), Form((), buttons))


_ANEW = "Who takes it over sees what is in force by then; what was typed here before is dropped."
AWAY = (
    "The service bandstand-apply does what this screen asks for. What was in force stays in force. "
    "Wait a minute and try again; if it stays away, restart the node, and if that does not help, "
    "choose Bandstand recovery in the boot menu."
)


def show_switch() -> Field:
    """Shows what is typed into masked fields."""
    return Field(SHOW, "Show what I type", entry=Entry.SWITCH, help="Space turns it on and off.")


def is_on(form: Form, key: str) -> bool:
    return form.find(key).text == ON
