"""Which ports a node opens."""

from __future__ import annotations

import pytest

from agent.accepted.store import Membership
from agent.demands import demands
from agent.settings.declaration import Settings
from agent.settings.node import Node

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
