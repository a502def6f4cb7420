"""Who the node is to be, from its settings and what is there."""

from __future__ import annotations

import pytest

from agent.node.plan import NodePlan, authorized_keys, hosts_file, plan
from agent.node.state import Observed
from agent.settings.node import Node
from agent.settings.secret import Secret

MAC = "00:50:56:AB:CD:EF"
ONE, TWO = "ssh-ed25519 AAAA one", "ssh-ed25519 BBBB two"


def _plan(settings: Node, **seen: object) -> NodePlan:
    return plan(settings, Observed(**{"mac": MAC, "hash_key": b"k" * 32, **seen}))  # type: ignore[arg-type]


def test_a_node_without_a_name_is_called_after_its_card() -> None:
    assert _plan(Node()).name == "bandstand-abcdef"


def test_without_a_card_after_its_machine_id() -> None:
    assert _plan(Node(), mac=None, machine_id="0" * 26 + "123456").name == "bandstand-123456"
    assert _plan(Node(), mac=None).name == "bandstand"


@pytest.mark.parametrize(
    ("called", "name"),
    [
        ("bandstand-123456", "bandstand-123456"),
        ("bandstand", "bandstand-abcdef"),
        ("n1", "bandstand-abcdef"),
        ("bandstand-123456x", "bandstand-abcdef"),
    ],
)
def test_another_card_does_not_rename_a_node_called_after_the_first(called: str, name: str) -> None:
    assert _plan(Node(), hostname=called).name == name
    assert _plan(Node(name="n2"), hostname=called).name == "n2"


def test_a_full_name_is_short_for_the_kernel_and_full_in_hosts() -> None:
    wanted = _plan(Node(name="n1.example.com"), hosts="127.0.0.1 localhost\n::1 localhost\n")
    assert wanted.name == "n1"
    assert wanted.hosts == ("127.0.0.1 localhost\n127.0.1.1\tn1.example.com n1\n::1 localhost\n")


@pytest.mark.parametrize("former", ["", "127.0.1.1 old\n", "# mine\n127.0.1.1\told old.example\n"])
def test_hosts_gets_one_line_for_the_own_name(former: str) -> None:
    once = hosts_file(former, "n1")
    assert once.count("127.0.1.1\tn1\n") == 1
    assert "old" not in once
    assert hosts_file(once, "n1") == once


@pytest.mark.parametrize(
    ("settings", "is_on"),
    [
        (Node(), False),
        (Node(ssh_keys=(ONE,)), True),
        (Node(ssh=True), True),
        (Node(ssh=False, ssh_keys=(ONE,)), False),
    ],
)
def test_ssh_is_on_where_asked_or_where_keys_are_given(settings: Node, *, is_on: bool) -> None:
    assert _plan(settings).has_ssh is is_on


def test_ssh_takes_keys_only_unless_there_is_a_password() -> None:
    assert "PasswordAuthentication no" in _plan(Node()).sshd
    given = Node(admin_password=Secret("correct horse"))
    assert "PasswordAuthentication yes" in _plan(given).sshd
    assert "PasswordAuthentication yes" in _plan(Node(), has_password=True).sshd
    assert "PermitRootLogin no" in _plan(given).sshd


def test_sudo_is_free_only_without_a_password() -> None:
    assert _plan(Node()).is_free_sudo
    assert not _plan(Node(admin_password=Secret("correct horse"))).is_free_sudo
    assert not _plan(Node(), has_password=True).is_free_sudo


def test_a_password_is_in_no_text_and_its_hash_is_keyed() -> None:
    wanted = _plan(Node(admin_password=Secret("correct horse")))
    other_node = _plan(Node(admin_password=Secret("correct horse")), hash_key=b"o" * 32)
    other_word = _plan(Node(admin_password=Secret("battery staple")))
    assert "correct horse" not in repr(wanted)
    assert len({wanted.account_key, other_node.account_key, other_word.account_key}) == 3


def test_keys_of_the_settings_replace_each_other_beside_those_of_people() -> None:
    mine = "ssh-rsa CCCC mine"
    first = authorized_keys(mine, (ONE,))
    assert first.split("\n")[0] == mine
    second = authorized_keys(first + "ssh-rsa DDDD later\n", (TWO,))
    lines = [line for line in second.splitlines() if not line.startswith("#")]
    assert lines == [mine, TWO, "ssh-rsa DDDD later"]
    assert authorized_keys(second, (TWO,)) == second
    assert authorized_keys(authorized_keys("", (ONE,)), ()) == ""
