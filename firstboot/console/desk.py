"""Which screens lie on the desk, what they ask, and who is let through to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from agent.errors import Unanswered
from agent.status.model import Phase
from agent.status.words import clean
from agent.typed import Any, NamedTuple, Protocol
from firstboot.console import opening
from firstboot.console.errands import NOBODY, Errands, Putting
from firstboot.console.keys import Press
from firstboot.console.screen import (
    Answer,
    Ask,
    Back,
    Effect,
    FormScreen,
    Lock,
    Open,
    Say,
    Screen,
    Switch,
    Turn,
    Wear,
)
from firstboot.console.screens import table
from firstboot.console.widgets.dialog import Dialog, Waited
from firstboot.console.widgets.field import Entry
from firstboot.console.widgets.layout import Part
from firstboot.console.world import LOGIN, PASSWORD, Access, World

# Without a key for so long, the login ends.
IDLE_S = 600.0
_ACCESS_EVERY_S = 30.0
_AGAIN_S = 15.0
# Shorter than that, no sign of waiting flickers by.
_SHOWN_AFTER_S = 0.8
_MOST_AHEAD, _MOST_SPELLED = 500, 16

_ACCESS, _CODE = "access", "code"


class Source(Protocol):
    """Where the status, its age and the time come from."""

    def world(self) -> World: ...


class Sheet(NamedTuple):
    """A screen, by a number that no other one ever has."""

    number: int
    screen: Screen


class Shown(NamedTuple):
    """All that a face needs; `over` stands above the screen."""

    screen: Screen
    world: World
    parts: tuple[Part, ...]
    over: Dialog | Waited | None


@dataclass
class Desk:
    """`rows` is what there is for a screen, `wears` the palette that somebody chose; `other_face`
    takes over once it is `switched`.
    """

    source: Source
    asking: Putting
    rows: int = 22
    other_face: str = ""
    switched: bool = False
    scroll: int = 0
    wears: str = ""
    dialog: Say | None = None
    sheets: list[Sheet] = field(default_factory=list[Sheet])
    _errands: Errands = field(init=False)
    _access: Access = Access()
    _code: str = ""
    _away: str = ""
    _asked_s: float = -1e9
    _key_s: float = 0.0
    _last: int = 0
    _opens_itself: bool = True
    _ahead: list[Press] = field(default_factory=list[Press])

    def __post_init__(self) -> None:
        self._errands = Errands(self.asking)
        self._key_s = self.world().monotonic_s
        self._push(Open("home"))

    @property
    def top(self) -> Screen:
        return self.sheets[-1].screen

    def world(self) -> World:
        found = self.source.world()
        code = self._code if found.is_private else ""
        return replace(
            found,
            access=self._access,
            rows=self.rows,
            code=code,
            away=self._away,
            other_face=self.other_face,
        )

    def shown(self) -> Shown:
        world = self.world()
        return Shown(self.top, world, self.top.parts(world), self._over(world))

    @property
    def mark(self) -> tuple[object, ...] | None:
        """Two that are equal show the same; None while the time itself is shown."""
        world = self.world()
        is_over = world.status.get("phase") == Phase.READY and not world.news.is_stale
        if not is_over or self.top.noun != "home" or self._errands.loud or self.dialog:
            return None
        return (
            world.status,
            self.top,
            world.news.text,
            world.access,
            world.code,
            world.away,
            world.shell_left_s > 0,
            self.scroll,
        )

    def press(self, press: Press) -> None:
        world = self.world()
        self._key_s, self._opens_itself = world.monotonic_s, False
        if len(press.text) > 1 and self._errands.loud is None and not self.is_typing:
            self._spelled(press.text)
        elif self._errands.loud is not None:
            self._while_waiting(press)
        elif self.dialog is not None:
            self._on_dialog(self.dialog, press)
        elif press.name == "f1" and self.top.noun != "help":
            self._do(Open("help", {"about": self.top.noun}))
        elif press.name == "f10" and self._access.logged_in:
            self._do(Lock())
        else:
            self._on_screen(press, world)

    @property
    def is_typing(self) -> bool:
        """Whether text goes into a field."""
        top = self.top.form if isinstance(self.top, FormScreen) else None
        form = self.dialog.form if self.dialog is not None else top
        marked = form.marked if form is not None else None
        return marked is not None and marked.entry not in (Entry.CHOICE, Entry.SWITCH)

    def _spelled(self, text: str) -> None:
        """Keys typed fast; the first may open what the others are for. A paste means no menu."""
        if len(text) <= _MOST_SPELLED:
            self.press(Press(text=text[0]))
            self.press(Press(text=text[1:]))

    def _while_waiting(self, press: Press) -> None:
        loud = self._errands.loud
        if press.name == "esc":
            self._errands.leave()
        elif loud is not None and loud.ask.is_loading:
            self._ahead = [*self._ahead, press][:_MOST_AHEAD]

    def _on_screen(self, press: Press, world: World) -> None:
        turn = self.top.press(press, world)
        if turn.screen is self.top and not turn.effects:
            # Less than what is seen of it beside a menu, so that no row is passed over.
            page = max(1, self.rows // 2)
            by = {"page up": -page, "page down": page, "up": -1, "down": 1}.get(press.name, 0)
            self.scroll = max(0, self.scroll + by)
        self._take(turn)

    def _on_dialog(self, dialog: Say, press: Press) -> None:
        pressed = dialog.form.press(press)
        if press.name == "esc":
            self.dialog = None
        elif pressed is not None:
            self.dialog = dialog._replace(form=pressed.form)
            if pressed.button is not None:
                self.push(pressed.button)

    def fill(self, texts: Mapping[str, str]) -> None:
        """For a face that asks field by field: as if this had been typed."""
        if self.dialog is not None:
            self.dialog = self.dialog._replace(form=self.dialog.form.filled(texts))
        elif isinstance(self.top, FormScreen):
            self._take(Turn(self.top.filled(texts, self.world())))

    def push(self, name: str) -> None:
        """A button, of the dialog where there is one."""
        world, dialog = self.world(), self.dialog
        if dialog is not None:
            self.dialog = None
            self._take(self.top.chosen(name, dialog.form.texts, world) if name else Turn(self.top))
        elif isinstance(self.top, FormScreen):
            self._take(self.top.button(name, world))

    def tick(self) -> None:
        """Called about every second."""
        world = self.world()
        if self._access.logged_in and world.monotonic_s - self._key_s >= IDLE_S:
            self._do(Lock())
        self._look(world)
        if self._errands.loud is None and self.dialog is None:
            self._take(self.top.tick(world))
        self._open_by_itself()

    def _look(self, world: World) -> None:
        """Ask now and then who may do what; not of a login, which that would keep alive."""
        every_s = _AGAIN_S if self._away or not self._access.is_known else _ACCESS_EVERY_S
        is_due = world.monotonic_s - self._asked_s >= every_s
        if is_due and not self._access.logged_in and not self._errands.open:
            self._ask_access(world)

    def _ask_access(self, world: World) -> None:
        self._asked_s = world.monotonic_s
        self._errands.put(Ask(_ACCESS, is_quiet=True), NOBODY, world.monotonic_s)
        if self._access.is_known:
            self._ask_code(world)

    def _ask_code(self, world: World) -> None:
        """Where nobody records the screen; elsewhere its own screen asks, after a key."""
        if world.is_private and not self._access.is_claimed:
            self._errands.put(Ask(_CODE, is_quiet=True), NOBODY, world.monotonic_s)

    def _open_by_itself(self) -> None:
        """Once, and only before anybody touched a key."""
        is_free = self._opens_itself and len(self.sheets) == 1
        noun = opening.wanted(self.world()) if is_free else ""
        if noun:
            self._opens_itself = False
            self._do(Open(noun, {"by_itself": True}))

    def hear(self, answer: Answer) -> None:
        errand = self._errands.ended(answer.ask)
        # A seed, or another one, that apply did not reach is no word on apply itself.
        gone = answer.error if isinstance(answer.error, Unanswered) else None
        self._away = gone.message if gone is not None else ""
        if gone is not None:
            self._access = replace(self._access, logged_in=False)
        self._note(answer)
        for at, sheet in enumerate(self.sheets):
            if sheet.number == errand.sheet:
                self._tell(at, answer)
                self._ask_in(answer)
                break
        self._replay(answer)
        self._open_by_itself()

    def hear_step(self, ask: Ask, step: Mapping[str, Any]) -> None:
        self._errands.stepped(ask, step)

    def _note(self, answer: Answer) -> None:
        """What the desk itself learns of it."""
        world = self.world()
        if answer.ask.verb == LOGIN and answer.error is None:
            self._access = replace(self._access, logged_in=True)
        if answer.ask.verb not in (_ACCESS, _CODE):
            # Who may do what may be otherwise after anything.
            self._ask_access(world)
        elif answer.ask.verb == _CODE:
            self._code = clean(answer.result.get("code"))
        elif answer.error is None:
            was_known, self._access = (
                self._access.is_known,
                Access.of(answer.result, world.monotonic_s),
            )
            if not was_known:
                self._ask_code(world)
            if self._access.is_claimed:
                self._code = ""
            self._shut()

    def _tell(self, at: int, answer: Answer) -> None:
        turn = self.sheets[at].screen.told(answer, self.world())
        if at == len(self.sheets) - 1:
            self._take(turn)
        else:
            self.sheets[at] = self.sheets[at]._replace(screen=turn.screen)

    def _shut(self) -> None:
        """A login that ended meanwhile is wanted again, above what was typed."""
        ways = {self._access.way_to(sheet.screen.noun) for sheet in self.sheets}
        if LOGIN in ways and self.top.noun != LOGIN:
            self.dialog = None
            self._push(Open(LOGIN))

    def _ask_in(self, answer: Answer) -> None:
        """What recovery does not open, and what ended a login, says so by this code."""
        is_refused = answer.error is not None and answer.error.code == LOGIN
        if is_refused and self.top.noun not in (LOGIN, PASSWORD):
            self.dialog = None
            self._push(Open(PASSWORD if self._access.wants_password else LOGIN))

    def _replay(self, answer: Answer) -> None:
        if not answer.ask.is_loading or self._errands.loud is not None:
            return
        ahead, self._ahead = self._ahead, []
        for press in ahead if answer.error is None else ():
            self.press(press)

    def _take(self, turn: Turn) -> None:
        sheet = self.sheets[-1]._replace(screen=turn.screen)
        self.sheets[-1] = sheet
        for effect in turn.effects:
            if isinstance(effect, Ask):
                self._errands.put(effect, sheet.number, self.source.world().monotonic_s)
            else:
                self._do(effect)

    def _do(self, effect: Effect) -> None:
        match effect:
            case Say():
                self.dialog = effect
            case Open():
                self._open(effect)
            case Back():
                self._back()
            case Wear():
                self.wears = effect.palette
            case Lock():
                self._lock()
            case Switch():
                self.switched = True
            case Ask():
                self._errands.put(effect, NOBODY, self.source.world().monotonic_s)

    def _open(self, effect: Open) -> None:
        if effect.is_instead:
            self._back()
        way = self._access.way_to(effect.noun)
        self._push(Open(way, {"then": effect.noun}) if way else effect)

    def _push(self, effect: Open) -> None:
        self._last += 1
        self.scroll = 0
        self.sheets.append(Sheet(self._last, table.make(effect.noun)))
        self._take(self.top.begin(effect.given, self.world()))

    def _back(self) -> None:
        self.scroll = 0
        was = self.top.noun
        self._leave(max(1, len(self.sheets) - 1))
        if was == LOGIN and self._access.logged_in:
            self._take(self.top.again(self.world()))

    def _leave(self, kept: int) -> None:
        """All but so many of the screens, the upper ones first."""
        while len(self.sheets) > kept:
            self._errands.gone(self.sheets.pop().number, self.source.world().monotonic_s)

    def _lock(self) -> None:
        self._leave(1)
        self.dialog, self.scroll = None, 0
        self._access = replace(self._access, logged_in=False)
        self._do(Ask("logout", is_quiet=True))

    def _over(self, world: World) -> Dialog | Waited | None:
        loud = self._errands.loud
        if loud is not None:
            waited_s = world.monotonic_s - loud.since_s
            is_seen = waited_s >= _SHOWN_AFTER_S or loud.steps
            ask = loud.ask
            return Waited(ask.title, waited_s, ask.usual_s, loud.steps) if is_seen else None
        if self.dialog is None:
            return None
        return Dialog(self.dialog.title, self.dialog.texts, self.dialog.form)
