"""docs/console.md: what it says of keys, commands and faults is so, and the walk stays."""

from __future__ import annotations

import socket
from argparse import ArgumentParser
from pathlib import Path

import pytest

from agent import change
from agent.__main__ import NOUNS
from agent.accepted.store import Accepted
from agent.access.policy import RULES, Need
from agent.apply import editing
from agent.ask import sockets
from agent.ask.serve import Peer
from agent.ask.wire import call, exchange, unseen
from agent.errors import BandstandError, NotNow, NotReachable, StepFailed
from agent.steps.journal import Journal
from agent.system.files import Files
from agent.system.host import Host
from firstboot.console.manual import broken, faults
from firstboot.console.manual.actions import ACTIONS, Action
from firstboot.console.manual.page import BEGIN, END, page, walk_of
from firstboot.console.manual.pictures import PICTURES
from firstboot.console.screens.table import SCREENS
from tests.fakes.clock import FakeClock
from tests.fakes.console import Bench
from tests.fakes.run import FakeRun

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


def test_what_breaks_is_told_in_the_words_of_who_breaks(tmp_path: Path) -> None:
    host = Host(Files(tmp_path), FakeRun(), FakeClock())
    for process in (11, 22):
        stat = f"{process} (apply) S {' '.join('0' * 18)} 1 0"
        _ = host.files.write(f"/proc/{process}/stat", stat)
    line = host.files.path("/proc/11/fd/0")
    line.parent.mkdir(parents=True)
    line.symlink_to("/dev/ttyS0")
    _ = editing.edit(host, {"form": "network"}, Peer(11, 0, 0), process=11)
    with pytest.raises(NotNow) as busy:
        _ = editing.edit(host, {"form": "network"}, Peer(22, 0, 0), process=22)
    with pytest.raises(StepFailed) as full:
        _ = change.apply(host, Accepted(), Journal(host.files, "x"), keep=_full, stages=())
    with pytest.raises(NotReachable) as gone:
        _ = call(str(tmp_path / "apply.sock"), "status", {})

    assert _said(busy.value) == _said(broken.BUSY)
    assert _said(full.value) == _said(broken.FULL)
    assert gone.value.message.replace(str(tmp_path), "/run/bandstand") == broken.GONE.message
    assert gone.value.hint == broken.GONE.hint


def test_so_is_what_talks_nonsense() -> None:
    ours, its = socket.socketpair()
    with ours, its, ours.makefile("rb") as stream:
        its.sendall(b"\x1b[2Jnot of ours\n")
        with pytest.raises(NotReachable) as odd:
            _ = exchange(ours, stream, sockets.APPLY, b"{}\n", unseen)

    assert _said(odd.value)[:2] == _said(broken.NONSENSE)[:2]


def _full() -> None:
    raise OSError(28, "No space left on device")


def _said(error: BandstandError) -> tuple[str, str, str]:
    return error.message, error.hint, error.code


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
