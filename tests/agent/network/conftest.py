"""Nodes of this room: one in memory, one on a real kernel without systemd, and its neighbour."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.system.files import Files
from agent.system.host import Host
from tests.agent.network.kernel import RIVAL_MAC
from tests.agent.network.node import Node
from tests.fakes.namespace import Rival, ip, own_network, rival
from tests.fakes.run import FakeRun


@pytest.fixture
def node(tmp_path: Path) -> Node:
    made = Node(tmp_path)
    made.net.plug("ens32")
    return made


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    """Its card is there; the other end of the cable, `far`, is nowhere yet."""
    with own_network():
        ip("link", "add", "ens32", "type", "veth", "peer", "far", "address", RIVAL_MAC)
        yield Host(files=Files(tmp_path), run=FakeRun())


@pytest.fixture
def neighbour(host: Host) -> Iterator[Rival]:
    with rival() as found:
        found.plug("far")
        found.ip("link", "set", "far", "up")
        yield found
