"""Which ports a node opens."""

from __future__ import annotations

import pytest

from agent.accepted.store import Membership
from agent.demands import demands
from agent.settings.declaration import Settings
from agent.settings.node import Node
from agent.settings.portal import USUAL_PORT, Portal
from agent.values.join_string import DEFAULT_PORT
from agent.values.ports import why_not

KEY = "ssh-ed25519 AAAA me"


@pytest.mark.parametrize(
    ("node", "membership", "ports"),
    [
        (Node(), Membership.NONE, [80, 443]),
        (Node(ssh_keys=(KEY,)), Membership.NONE, [22, 80, 443]),
        (Node(ssh_keys=(KEY,), ssh=False), Membership.NONE, [80, 443]),
        (Node(ssh=True), Membership.NONE, [22, 80, 443]),
        (Node(), Membership.JOINING, [80, 443, 13000]),
        (Node(), Membership.MEMBER, [80, 443, 13000]),
    ],
)
def test_the_port_table(node: Node, membership: Membership, ports: list[int]) -> None:
    wanted = demands(Settings(node=node), membership)
    assert [port.number for port in wanted.ports] == ports


def test_only_the_port_for_other_nodes_counts_who_comes() -> None:
    wanted = demands(Settings(), Membership.MEMBER)
    assert {port.number for port in wanted.ports if port.most} == {13000}


def test_a_port_of_the_portals_own_is_opened() -> None:
    wanted = demands(Settings(portal=Portal(port=8443)), Membership.NONE)
    assert [port.number for port in wanted.ports] == [80, 443, 8443]


def test_the_portal_can_have_no_port_of_the_table() -> None:
    everything = Settings(node=Node(ssh=True))
    table = {port.number for port in demands(everything, Membership.MEMBER).ports}
    assert [number for number in table - {USUAL_PORT} if not why_not(number)] == []
    assert all(why_not(number) for number in (4737, DEFAULT_PORT, 6000))
    assert not any(why_not(number) for number in (USUAL_PORT, 8443, 9443))
