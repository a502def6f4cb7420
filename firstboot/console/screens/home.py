"""The first page: what this node is, whether it is well, where to go next; and the menu."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from agent.status import words
from agent.status.model import Phase
from agent.status.words import CERTIFICATE, OPEN, TIME, Row, Tone
from agent.values.json_object import object_of
from firstboot.console.expected import expected
from firstboot.console.places import place
from firstboot.console.screen import MenuScreen, Open, Turn
from firstboot.console.widgets.layout import Part
from firstboot.console.widgets.menu import Item, Menu
from firstboot.console.widgets.progress import progress
from firstboot.console.widgets.rows import Fit, Rows
from firstboot.console.world import World

_ITEMS = (
    Item("network", "Network", "Address, gateway, DNS: shown, changed, tried before they hold."),
    Item("node", "Name and account", "Host name, the administrator's password, SSH and its keys."),
    Item("certificate", "Certificate", "The certificate of the web pages: shown, changed."),
    Item("cluster", "Cluster", "State and members; join this node to a cluster."),
    Item("code", "Code and addresses", "Set-up code in large, fingerprint, where to go on."),
    Item("check", "Check connections", "Link, gateway, DNS, time, other nodes: each with a word."),
    Item("progress", "Progress", "What first boot and the last change did, step by step."),
    Item("support", "Support", "Make a bundle for support; see what is in it."),
    Item("recovery", "Recovery", "Go back: DHCP, last change, certificate, password, new start."),
    Item("power", "Restart or power off", "With the effect on the cluster first."),
    Item("advanced", "More settings", "Time servers, proxies, syslog, updates, CAs, portal port."),
    Item(
        "display",
        "Keyboard and display",
        "Keymap, tried at once; high contrast; line by line.",
    ),
)
_SHELL = Item("shell", "Shell", "May be opened for a while, on terminal 2; closed here.")
_ROOMY, _TALL = 34, 46
_ACROSS = 3


@dataclass(frozen=True)
class Home(MenuScreen):
    """Live status above, the menu at the bottom; on a screen of few rows both are condensed."""

    noun: ClassVar[str] = "home"
    keys: ClassVar[str] = "Arrows, Enter  PgDn scrolls  F1 help  F5 redraw"
    is_pinned: ClassVar[bool] = True

    def items(self, world: World) -> tuple[Item, ...]:
        return (*_ITEMS, _SHELL) if world.shell_left_s else _ITEMS

    def menu(self, world: World) -> Menu:
        title = (
            "Menu: the administrator's password is asked" if world.access.needs_login else "Menu"
        )
        return replace(
            super().menu(world), across=1 if world.rows >= _TALL else _ACROSS, title=title
        )

    def choose(self, name: str, world: World) -> Turn:
        is_tried = name == "network" and world.trial == "waiting"
        return Turn(self, () if world.is_off else (Open("trial" if is_tried else name),))

    def parts(self, world: World) -> tuple[Part, ...]:
        wrong = Rows("What is wrong", wrongs(world))
        is_short = world.rows < _ROOMY
        own = _condensed(world, is_wrong=bool(wrong.rows)) if is_short else _node(world)
        sections = (
            Rows("This node", own),
            wrong,
            Rows("Cluster", () if is_short else cluster(world)),
            Rows("Worth knowing", words.notices(world.status), Fit.OR_NOT),
            Rows("Progress", progress(words.latest_steps(world.status)), _fit_of_progress(world)),
        )
        shown = tuple(section for section in sections if section.rows)
        return (*shown, _closed() if world.is_off else self.menu(world))


def _node(world: World) -> tuple[Row, ...]:
    rows = _as_of_then(words.node(world.status, world.now), world)
    at = next((at for at, row in enumerate(rows) if row.label == CERTIFICATE), len(rows))
    return (*rows[:at], *_of_this_console(world), *rows[at:])


def wrongs(world: World) -> tuple[Row, ...]:
    """What is wrong, and what to do; drift and a lost service among it."""
    found = [*words.faults(world.status, _where), *words.drift(world.status)]
    if world.access.is_claimed and world.access.wants_password:
        told = "this node was set up without one, and the menu asks for it"
        found.insert(0, Row("Password", f"a password is to be set first; {told}", Tone.BAD))
    if world.away and world.news.exists:
        what = "the menu can change nothing meanwhile; it is asked again by itself"
        found += [Row("bandstand-apply", f"does not answer: {what}", Tone.BAD)]
    return tuple(found)


def _where(setting: str) -> str:
    """The item of the menu that leads to its form."""
    name = place(setting)
    labels = (
        f"{Menu(_ITEMS).sign(at)} {one.label}" for at, one in enumerate(_ITEMS) if one.name == name
    )
    return next(labels, "")


def _of_this_console(world: World) -> tuple[Row, ...]:
    """The code until the node is claimed, and what whoever comes here should know."""
    rows: list[Row] = []
    access = world.access
    if access.is_known and not access.is_claimed:
        elsewhere = "5 Code and addresses shows it (this line may be recorded)"
        code = world.code or (elsewhere if not world.is_private else "not made yet")
        rows.append(Row("Set-up code", code, Tone.GOOD if world.code else Tone.BUSY))
    if access.recovery:
        told = "Bandstand recovery: no login for network, password, reset"
        rows.append(Row("This start", told, Tone.BUSY))
    if access.locked_for_s:
        told = f"closed for {words.ago(access.locked_for_s)} after wrong passwords"
        rows.append(Row("Login", told, Tone.BAD))
    return tuple(rows)


def _as_of_then(rows: tuple[Row, ...], world: World) -> tuple[Row, ...]:
    """Old news are said to be old; nobody knows whether that page still answers."""
    if not world.news.is_stale:
        return (_with_expected(rows[0], world), *rows[1:])
    last = f", last said {words.ago(world.news.age_s)} ago: {rows[0].text}"
    state = Row("State", f"unknown{last if world.news.exists else ''}", Tone.BAD)
    then = (
        Row("Web page", f"{row.text}, not known to answer") if row.label == OPEN else row
        for row in rows[1:]
    )
    return (state, *then)


def _with_expected(state: Row, world: World) -> Row:
    found = expected(world)
    return state if found is None else replace(state, text=f"{state.text}, {found.text}")


def _condensed(world: World, *, is_wrong: bool) -> tuple[Row, ...]:
    """One box for all: gateway and resolvers on a line, of the certificate its first half. What is
    wrong wants the room of what can be looked up elsewhere, or is as it should be.
    """
    rows = _node(world)
    by_label = {row.label: row for row in rows if row.label}
    kept: list[Row] = []
    label = ""
    for row in rows:
        label = row.label or label
        if row.label == "Gateway" and "DNS" in by_label:
            kept.append(Row("Gateway, DNS", f"{row.text}; {by_label['DNS'].text}", row.tone))
        elif label != "DNS" and not _may_go(row, label, is_wrong=is_wrong):
            kept.append(_first_half(row) if label == CERTIFICATE else row)
    return (*kept, *(row for row in cluster(world) if not is_wrong or _is_told(row)))


def _may_go(row: Row, label: str, *, is_wrong: bool) -> bool:
    if label == CERTIFICATE:
        return is_wrong or not row.label
    return is_wrong and label == TIME and row.tone is Tone.PLAIN


def _is_told(row: Row) -> bool:
    return row.label in ("Cluster", "Restart now") and row.text != "not joined"


def _first_half(row: Row) -> Row:
    whole = row.text.startswith("SHA-256")
    return replace(row, text=f"{row.text} ...  (all: 5)") if whole else row


def cluster(world: World) -> tuple[Row, ...]:
    rows = words.cluster(world.status)
    if "safe_to_restart" in world.status:
        return rows
    return (*rows, Row("Restart now", _restart(world), Tone.PLAIN))


def _restart(world: World) -> str:
    """Where nobody says so: a node by itself may be restarted once nothing goes on."""
    state = words.clean(world.status.get("state"))
    if state in ("ready", "degraded"):
        return "safe: yes, it is alone and nothing is under way"
    return "safe: no, something is under way"


def _closed() -> Rows:
    told = "shows the state only: node.console is off. Bandstand recovery in the boot menu opens it"
    return Rows("Menu", (Row("This console", told),))


def _fit_of_progress(world: World) -> Fit:
    """Of interest while something goes on or went wrong; else where there is room: the last rows
    on a tall screen.
    """
    states = {row.get("state") for row in words.latest_steps(world.status)}
    went_wrong = bool(states & {"failed", "undone"})
    is_over = world.status.get("phase") == Phase.READY
    is_out = is_over and not went_wrong and world.rows < _ROOMY
    return Fit.OR_NOT if is_out or not object_of(world.status) else Fit.LAST_ROWS
