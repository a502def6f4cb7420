"""docs/console.md: what it says of keys, commands and faults is so, and the walk stays."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path

import pytest

from agent.__main__ import NOUNS
from agent.access.policy import RULES, Need
from firstboot.console.manual import faults
from firstboot.console.manual.actions import ACTIONS, Action
from firstboot.console.manual.page import BEGIN, END, page, walk_of
from firstboot.console.manual.pictures import PICTURES
from firstboot.console.screens.table import SCREENS
from tests.fakes.console import Bench

ROOT = Path(__file__).parents[4]
# Where an item is there at all.
SITUATIONS = {"98": "recovery", "c1": "shell open", "c2": "shell open"}
SECRETS = ("hunter2", "b3BlbnNzaC1rZXktdjEAAAA")


REACHED = [one for one in ACTIONS if one.keys and one.noun != "login"]


def test_every_screen_is_on_the_map() -> None:
    assert {one.noun for one in ACTIONS} == set(SCREENS)


@pytest.mark.parametrize("one", REACHED, ids=[one.keys for one in REACHED])
def test_its_keys_lead_to_the_screen(one: Action) -> None:
    keys = ["f1"] if one.keys == "F1" else list(one.keys)

    assert Bench(SITUATIONS.get(one.keys, "fresh")).opened(*keys).noun == one.noun


@pytest.mark.parametrize("command", sorted({one.command for one in ACTIONS} - {""}))
def test_its_commands_are_commands(command: str) -> None:
    words = command.split()[1:]
    if words == ["--help"]:
        return
    parser = ArgumentParser()
    NOUNS[words[0]].add(parser.add_subparsers())

    assert callable(parser.parse_args(words).run)


def test_its_verbs_are_the_consoles() -> None:
    found = {one.verb for one in ACTIONS} - {""}

    assert {verb for verb in found if RULES[verb].need is Need.NEVER} == set()
    assert {one.verb for one in ACTIONS if one.verb and not one.command} == {"login", "logout"}


def test_its_pictures_are_whole_screens() -> None:
    assert len({one.title for one in PICTURES}) == len(PICTURES)
    for one in PICTURES:
        lines = one.stage().lines()
        assert (len(lines), {len(line) for line in lines}) == (24, {80})


def test_its_faults_say_what_would_be_accepted_and_no_secret() -> None:
    rows = list(faults.rows(ROOT))

    assert len(rows) == len(faults.CHOSEN)
    assert [row for row in rows if "accepted is" not in row[2]] == []
    assert [word for word in SECRETS if word in page(ROOT, "")] == []


def test_the_walk_stays_between_its_marks() -> None:
    walk = "| 1 | `Enter` | 3 s |\n\nAnd so on."
    made = page(ROOT, walk)

    assert made.endswith(f"{BEGIN}\n{walk}\n{END}\n")
    assert walk_of(made) == walk
    assert page(ROOT, walk_of(made)) == made


@pytest.mark.parametrize("text", ["", "no marks", f"{BEGIN}\nno end", f"{END}\n{BEGIN}\n"])
def test_without_marks_there_was_no_walk(text: str) -> None:
    assert walk_of(text) == "Not walked yet."
