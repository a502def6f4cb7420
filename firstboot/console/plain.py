"""Line mode: the same screens as numbered menus and questions, for braille, speech and scripts."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from agent.errors import BandstandError
from agent.status.words import Row
from agent.typed import Any, Protocol
from firstboot.console.asking import Asker
from firstboot.console.desk import Desk, Source
from firstboot.console.keys import Press
from firstboot.console.screen import Answer, Ask
from firstboot.console.widgets.big import Big
from firstboot.console.widgets.dialog import Dialog, Waited
from firstboot.console.widgets.field import ON, Entry, Field
from firstboot.console.widgets.form import SHOW, Form
from firstboot.console.widgets.layout import Part
from firstboot.console.widgets.menu import Menu
from firstboot.console.widgets.progress import progress
from firstboot.console.widgets.rows import Prose, Rows
from firstboot.console.widgets.text import drawable

_END = "."
_KEEP, _BLANK, _HELP, _BACK = "", "-", "?", "<"


class Talk(Protocol):
    """What is written, and lines that are read: a masked one shows nothing."""

    def say(self, text: str) -> None: ...

    def hear(self, prompt: str, *, is_masked: bool = False) -> str:
        """Raises EOFError when nobody will say anything any more."""
        ...


@dataclass
class AtOnce:
    """Asks as they come, and tells each step as a line."""

    asker: Asker
    talk: Talk
    hear: Callable[[Answer], None] = lambda _: None

    def put(self, ask: Ask) -> None:
        if ask.title and not ask.is_loading:
            self.talk.say(f"{ask.title} ...")

        def on_step(step: dict[str, Any]) -> None:
            for row in progress((step,)):
                self.talk.say(f"  {row.label} {drawable(row.text)}")

        try:
            answer = Answer(ask, self.asker.ask(ask.verb, ask.args, on_step=on_step))
        except BandstandError as error:
            answer = Answer(ask, {}, error)
        self._waiting.append(answer)

    def __post_init__(self) -> None:
        self._waiting: list[Answer] = []

    def settle(self) -> None:
        """What was heard, to whom it is for; which may ask more."""
        while self._waiting:
            self.hear(self._waiting.pop(0))


class Plain:
    """One screen after the other, until nobody answers any more, or the other face takes over."""

    def __init__(self, source: Source, asker: Asker, talk: Talk, *, other_face: str = "") -> None:
        self._asking = AtOnce(asker, talk)
        self.desk = Desk(source, self._asking, rows=1000, other_face=other_face)
        self._asking.hear = self.desk.hear
        self._talk = talk

    def run(self) -> None:
        try:
            while not self.desk.switched:
                self.turn()
        except EOFError:
            return

    def turn(self) -> None:
        """Show what there is, ask one thing, do it."""
        self.desk.tick()
        self._asking.settle()
        shown = self.desk.shown()
        if shown.over is None:
            self._talk.say("")
            self._talk.say(
                f"== {shown.screen.title or shown.world.product}: {shown.world.news.text}"
            )
        parts = shown.parts if shown.over is None else (shown.over,)
        for part in parts:
            for line in spoken(part):
                self._talk.say(line)
        self._ask(parts)
        self._asking.settle()

    def _ask(self, parts: Iterable[Part]) -> None:
        for part in parts:
            if isinstance(part, Menu):
                self._menu(part)
                return
            if isinstance(part, Form | Dialog):
                self._form(part if isinstance(part, Form) else part.form)
                return
        _ = self._talk.hear("Enter goes back: ")
        self.desk.press(Press("esc"))

    def _menu(self, menu: Menu) -> None:
        said = self._talk.hear("Number (blank: news, ? helps, < goes back): ").strip()
        if said == _HELP:
            for at, item in enumerate(menu.items, 1):
                self._talk.say(f"{at} {drawable(item.label)}: {drawable(item.about)}")
            self._menu(menu)
        elif said == _BACK:
            self.desk.press(Press("esc"))
        elif said.isdecimal() and 1 <= int(said) <= len(menu.items):
            self.desk.press(Press(text=menu.sign(int(said) - 1)))
        elif said:
            self._talk.say(f"Accepted is a number from 1 to {len(menu.items)}.")

    def _form(self, form: Form) -> None:
        asked: set[str] = {SHOW}
        while (one := self._next(asked)) is not None:
            asked.add(one.key)
            self._field(one)
        self._faults()
        buttons = ", ".join(f"{at} {one.label}" for at, one in enumerate(form.buttons, 1))
        said = self._talk.hear(f"{buttons}: ").strip()
        if said.isdecimal() and 1 <= int(said) <= len(form.buttons):
            self.desk.push(form.buttons[int(said) - 1].name)
        elif said == _BACK:
            self.desk.press(Press("esc"))

    def _next(self, asked: set[str]) -> Field | None:
        """By now: an answer may show or hide others."""
        form = self._shown_form()
        fields = form.visible if form is not None else ()
        return next((one for one in fields if one.key not in asked), None)

    def _shown_form(self) -> Form | None:
        shown = self.desk.shown()
        if isinstance(shown.over, Dialog):
            return shown.over.form
        return next((part for part in shown.parts if isinstance(part, Form)), None)

    def _field(self, one: Field) -> None:
        text = self._heard(one)
        while text == _HELP:
            self._talk.say(f"  {drawable(one.help)}")
            text = self._heard(one)
        if text is None:
            return
        labels = {choice.label.lower(): choice.value for choice in one.choices}
        self.desk.fill({one.key: labels.get(text.lower(), text)})
        form = self._shown_form()
        if form is not None and form.said(one.key):
            self._talk.say(f"! {drawable(form.said(one.key))}")

    def _heard(self, one: Field) -> str | None:
        """None leaves what there is, a hyphen alone empties it."""
        is_masked = one.is_secret or one.entry is Entry.MASKED
        if one.entry is Entry.AREA:
            return self._lines(one)
        offered = ", ".join(choice.label for choice in one.choices)
        told = offered or ("on, off" if one.entry is Entry.SWITCH else f"{_HELP} helps")
        was = "" if is_masked else f" [{drawable(one.said(one.text))}]"
        said = self._talk.hear(f"{one.label}{was} ({told}): ", is_masked=is_masked)
        if one.entry is Entry.SWITCH:
            return {"on": ON, "off": ""}.get(said.strip().lower())
        if said.strip() == _KEEP:
            return None
        return "" if said.strip() == _BLANK else said

    def _lines(self, one: Field) -> str | None:
        self._talk.say(
            f"{one.label}: line by line; {_END} alone ends it, at once leaves it as it is"
        )
        lines: list[str] = []
        while (line := self._talk.hear("> ")) != _END:
            lines.append(line)
        return "\n".join(lines) if lines else None

    def _faults(self) -> None:
        form = self._shown_form()
        for key, why in form.faults.items() if form else ():
            self._talk.say(f"! {form.find(key).label if form else key}: {why}")


def spoken(part: Part) -> Iterable[str]:
    """A part as lines; of a menu the numbered items."""
    if part.title and not isinstance(part, Menu):
        yield f"-- {drawable(part.title)}"
    if isinstance(part, Rows):
        yield from (_row(row) for row in part.rows)
    elif isinstance(part, Prose | Dialog | Waited):
        yield from (drawable(text) for text in part.texts)
    elif isinstance(part, Big):
        yield f"code {drawable(part.text)}"
    elif isinstance(part, Menu):
        for at, item in enumerate(part.items, 1):
            yield f"{at} {drawable(item.label)}"


def _row(row: Row) -> str:
    label = f"{drawable(row.label)}: " if row.label else "  "
    return f"{label}{drawable(row.text.strip())}"
