"""Every bad answer of the table, typed into the field it belongs to: the fault stands beside it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from agent.errors import InputRefused
from agent.settings.accept import accept
from agent.settings.declaration import CORE
from agent.settings.declare import Face
from firstboot.console.keys import Press
from firstboot.console.screen import Answer, Ask, FormScreen
from firstboot.console.screens.certificate import Install
from firstboot.console.screens.network import NetworkScreen
from firstboot.console.widgets.field import Entry, Field
from firstboot.console.widgets.form import Form
from firstboot.console.world import World
from tests.agent.settings.stand_ins import answers_of
from tests.fakes.console import Bench

TABLE = Path(__file__).parents[3] / "fixtures" / "refused.toml"
# The keys that lead to the forms: network, node, the categories, keyboard, certificate, joining.
FORMS = (("1",), ("2",), ("a", "1"), ("a", "2"), ("a", "3"), ("b",), ("3", "1"), ("4", "1"))
# Who fills in the form says first which of the two it is.
STATIC = {"network.mode": "static", "network.ipv6": "static"}
# What is said otherwise for that reason.
OTHERWISE = {"the gateway without an address": "is blank, and a static address needs it"}
# These kinds are read by bandstand-apply alone, whose answer stands beside the field then.
NOT_READ_HERE = {"certificates", "private-key"}

Opened = tuple[FormScreen, World]


@cache
def opened(keys: tuple[str, ...]) -> Opened:
    bench = Bench().opened(*keys)
    screen = bench.desk.top
    assert isinstance(screen, FormScreen)
    return screen, bench.desk.world()


def _form_with(case: Mapping[str, Any]) -> tuple[str, ...] | None:
    """The form that holds all of its fields."""
    wanted = {case["setting"], *case["answers"]}
    found = (keys for keys in FORMS if wanted <= set(opened(keys)[0].form.texts))
    return None if case.get("strict") else next(found, None)


def _is_read_by_apply(case: Mapping[str, Any], keys: tuple[str, ...]) -> bool:
    rows = [CORE.find(key) for key in (case["setting"], *case["answers"])]
    kinds = {row.kind.name for row in rows if row is not None}
    return keys != ("3", "1") and bool(kinds & NOT_READ_HERE)


Case = tuple[dict[str, Any], tuple[str, ...]]
_ALL: list[Case] = [
    (case, keys)
    for case in tomllib.loads(TABLE.read_text(encoding="utf-8"))["case"]
    if (keys := _form_with(case)) is not None
]
READ_BY_APPLY = [one for one in _ALL if _is_read_by_apply(*one)]
CASES = [one for one in _ALL if not _is_read_by_apply(*one)]


def names_of(cases: list[Case]) -> list[str]:
    return [case["name"] for case, _ in cases]


def typed(screen: FormScreen, world: World, key: str, text: str) -> FormScreen:
    """By keys where that field takes them; a text of lines, or no choice, comes from properties."""
    one = screen.form.find(key)
    if not _takes(one, text):
        return screen.filled({key: text}, world)
    while screen.form.marked is None or screen.form.marked.key != key:
        screen = _pressed(screen, Press("tab"), world)
    emptied = _pressed(screen, Press("ctrl u"), world) if one.text else screen
    return _pressed(emptied, Press(text=text), world)


def _takes(one: Field, text: str) -> bool:
    is_typed = one.entry in (Entry.TEXT, Entry.MASKED, Entry.AREA)
    return is_typed and bool(text) and (one.entry is Entry.AREA or text.splitlines() == [text])


def _pressed(screen: FormScreen, press: Press, world: World) -> FormScreen:
    found = screen.press(press, world).screen
    assert isinstance(found, FormScreen)
    return found


def _judged(screen: FormScreen, world: World) -> Form:
    """A certificate is judged when the button is pressed, all else at each key."""
    if not isinstance(screen, Install):
        return screen.form.tried()
    found = screen.button("apply", world).screen
    assert isinstance(found, FormScreen)
    return found.form


@pytest.mark.parametrize(("case", "keys"), CASES, ids=names_of(CASES))
def test_its_fault_stands_beside_its_field(case: dict[str, Any], keys: tuple[str, ...]) -> None:
    screen, world = opened(keys)
    if isinstance(screen, NetworkScreen):
        screen = screen.filled(STATIC, world)

    for key, text in answers_of(case).items():
        screen = typed(screen, world, key, text)

    said = _judged(screen, world).said(case["setting"])
    wanted: str = OTHERWISE.get(case["name"]) or case["says"]
    assert wanted in said
    assert not case.get("quiet") or case["quiet"] not in said


@pytest.mark.parametrize(("case", "keys"), READ_BY_APPLY, ids=names_of(READ_BY_APPLY))
def test_so_does_what_apply_says_of_it(case: dict[str, Any], keys: tuple[str, ...]) -> None:
    screen, world = opened(keys)
    answers = answers_of(case)
    faults = accept(answers, face=Face.CONSOLE).faults

    filled = screen.filled(answers, world)
    told = filled.told(Answer(Ask("node-set"), {}, InputRefused(faults)), world).screen

    assert isinstance(told, FormScreen)
    assert case["says"] in told.form.said(case["setting"])


def test_the_table_reaches_every_form() -> None:
    per_form = {keys: sum(1 for _, one in _ALL if one == keys) for keys in FORMS}

    assert (len(CASES) >= 200, len(READ_BY_APPLY) >= 5) == (True, True)
    assert [keys for keys, count in per_form.items() if not count] == []
