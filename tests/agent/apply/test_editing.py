"""A form is held by one connection; another one is told who that is, and may take it over."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from agent.accepted import store
from agent.accepted.store import Accepted
from agent.apply import certificate, join, network
from agent.apply import node as node_set
from agent.apply.editing import FOLDER, edit, refuse_lost
from agent.ask.serve import Peer
from agent.ask.wire import unseen
from agent.errors import InputRefused, NotNow
from agent.settings.declare import Face
from agent.system.files import Files
from agent.system.host import Host
from tests.fakes.clock import FakeClock
from tests.fakes.run import FakeRun

ROOT, OTHER = Peer(100, 0, 0), Peer(200, 0, 0)
SINCE = "2026-01-02T03:04:05Z"


class Node:
    """Processes that live and end, as /proc tells of them."""

    def __init__(self, root: Path) -> None:
        self.host = Host(Files(root), FakeRun(), FakeClock())

    def starts(self, process: int, *, at: int = 1) -> None:
        stat = f"{process} (a) b) S {' '.join('0' * 18)} {at} 0"
        _ = self.host.files.write(f"/proc/{process}/stat", stat)

    def ends(self, process: int) -> None:
        _ = self.host.files.remove(f"/proc/{process}")

    def edit(self, process: int, peer: Peer = ROOT, **args: object) -> dict[str, object]:
        return edit(self.host, {"form": "network", **args}, peer, process=process)

    def lost(self, process: int) -> None:
        refuse_lost(self.host.files, "network", process=process)


@pytest.fixture
def node(tmp_path: Path) -> Node:
    node = Node(tmp_path)
    for process in (11, 22, 33):
        node.starts(process)
    return node


def test_the_first_one_holds_it_and_asks_again_at_will(node: Node) -> None:
    assert node.edit(11) == {"form": "network", "since": SINCE}
    node.host.clock.pause(60)
    assert node.edit(11)["since"] == SINCE
    assert node.edit(22, form="node")["form"] == "node"


def test_another_one_is_told_who_and_since_when(node: Node) -> None:
    node.host.files.link("/proc/100/fd/0", to="/dev/tty1")
    _ = node.edit(11)
    with pytest.raises(NotNow, match=f"root on tty1 edits the form network, since {SINCE}") as said:
        _ = node.edit(22, OTHER)
    assert said.value.code == "editing"


def test_who_has_no_terminal_is_named_by_the_process(node: Node) -> None:
    node.host.files.link("/proc/100/fd/0", to="/dev/null")
    _ = node.edit(11)
    with pytest.raises(NotNow, match="root on process 100"):
        _ = node.edit(22, OTHER)


def test_who_lost_it_is_told_by_the_next_thing_it_asks(node: Node) -> None:
    _ = node.edit(11)
    _ = node.edit(22, OTHER, take_over=True)
    for ask in (node.edit, node.lost):
        with pytest.raises(NotNow, match="taken over by root on process 200") as said:
            ask(11)
        assert said.value.code == "taken-over"
    node.lost(22)
    node.lost(33)


def test_it_may_be_taken_back_and_by_a_third(node: Node) -> None:
    _ = node.edit(11)
    _ = node.edit(22, take_over=True)
    _ = node.edit(11, take_over=True)
    node.lost(11)
    _ = node.edit(33, take_over=True)
    for process in (11, 22):
        with pytest.raises(NotNow):
            node.lost(process)


def test_a_connection_that_ended_holds_nothing(node: Node) -> None:
    _ = node.edit(11)
    node.ends(11)
    assert node.edit(22)["since"] == SINCE


def test_nor_does_a_process_that_has_only_its_number(node: Node) -> None:
    _ = node.edit(11)
    with pytest.raises(NotNow):
        _ = node.edit(22)
    node.starts(11, at=99)
    assert node.edit(22)["since"] == SINCE


def test_who_is_done_leaves_it_to_the_next_one(node: Node) -> None:
    _ = node.edit(11)
    assert node.edit(11, done=True) == {"form": "network", "since": ""}
    assert node.edit(22)["since"] == SINCE
    assert node.edit(22, done=True)["form"] == "network"
    assert not node.host.files.exists(f"{FOLDER}/network.json")


def test_to_be_done_with_what_another_one_holds_takes_nothing_away(node: Node) -> None:
    _ = node.edit(11)
    _ = node.edit(22, done=True)
    with pytest.raises(NotNow):
        _ = node.edit(22)


def test_who_lost_it_stays_told_when_the_other_one_is_done(node: Node) -> None:
    """What they typed is older than what the other one brought in force."""
    _ = node.edit(11)
    _ = node.edit(22, OTHER, take_over=True)
    _ = node.edit(22, OTHER, done=True)
    with pytest.raises(NotNow, match="taken over by root on process 200"):
        node.lost(11)
    node.lost(33)


@pytest.mark.parametrize("way", [{"done": True}, {}, {"take_over": True}])
def test_until_they_leave_it_or_open_it_anew(node: Node, way: dict[str, bool]) -> None:
    _ = node.edit(11)
    _ = node.edit(22, OTHER, take_over=True)
    _ = node.edit(22, OTHER, done=True)
    with pytest.raises(NotNow):
        node.lost(11)
    _ = node.edit(11, ROOT, **way)
    node.lost(11)


def test_or_when_the_other_ones_connection_ends(node: Node) -> None:
    _ = node.edit(11)
    _ = node.edit(22, OTHER, take_over=True)
    node.ends(22)
    with pytest.raises(NotNow, match="taken over"):
        node.lost(11)
    node.ends(11)
    _ = node.edit(33)
    assert '"lost": []' in (node.host.files.read(f"{FOLDER}/network.json") or "")


@pytest.mark.parametrize("form", [None, "", "no.form", 7, ["network"], "../x"])
def test_what_is_no_form_is_refused(node: Node, form: object) -> None:
    with pytest.raises(InputRefused):
        _ = node.edit(11, form=form)


@pytest.mark.parametrize("torn", ["", "{", "[]", '{"holder": 7}', '{"lost": "x"}'])
def test_a_torn_record_is_void(node: Node, torn: str) -> None:
    _ = node.edit(11)
    _ = node.host.files.write(f"{FOLDER}/network.json", torn)
    assert node.edit(22)["since"] == SINCE


def test_the_record_is_roots_alone(node: Node) -> None:
    _ = node.edit(11)
    assert node.host.files.path(FOLDER).stat().st_mode & 0o777 == 0o700
    assert node.host.files.mode(f"{FOLDER}/network.json") == 0o600


VERBS: dict[str, Callable[[Host], object]] = {
    "network": lambda host: network.attempt(
        network.turn_of(host, unseen), {"settings": {"network.mode": "dhcp"}}
    ),
    "node": lambda host: node_set.set_node(
        host, {"settings": {"node.name": "x"}}, unseen, face=Face.CONSOLE
    ),
    "portal": lambda host: node_set.set_node(
        host, {"settings": {"portal.port": "8443"}}, unseen, face=Face.CONSOLE
    ),
    "tls": lambda host: certificate.install(host, {"settings": {}}, unseen),
    "cluster": lambda host: join.join(host, {"join": "any"}, unseen),
}


@pytest.mark.parametrize("form", VERBS)
def test_no_verb_takes_what_was_typed_into_a_lost_form(node: Node, form: str) -> None:
    """Whatever it is: what the other one brought in force since would be undone by it."""
    _ = store.save(node.host.files, Accepted())
    node.starts(os.getpid())
    _ = node.edit(os.getpid(), form=form)
    _ = node.edit(22, OTHER, form=form, take_over=True)

    with pytest.raises(NotNow, match=f"the form {form} was taken over") as said:
        _ = VERBS[form](node.host)
    assert said.value.code == "taken-over"
