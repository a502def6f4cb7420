"""A real PostgreSQL for the whole run, a fresh database for each test, nodes on loopback."""

from __future__ import annotations

import itertools
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from agent.cluster.store.target import Target, TlsMode
from agent.settings.secret import Secret
from tests.fakes.cluster_node import FakeNode, Loop, loop_of_peers
from tests.lab.postgres import Postgres, postgres

PASSWORD = "correct horse"

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def server() -> Iterator[Postgres]:
    with postgres() as running:
        yield running


@pytest.fixture
def target(server: Postgres) -> Target:
    """An empty database, and its owner."""
    name = f"cluster{next(_numbers)}"
    server.create(name, user=name, password=PASSWORD)
    return Target(
        host=server.address,
        port=server.port,
        name=name,
        user=name,
        password=Secret(PASSWORD),
        tls=TlsMode.OFF,
    )


@pytest.fixture
def loop() -> Iterator[Loop]:
    with loop_of_peers() as running:
        yield running


NewNode = Callable[..., FakeNode]


@pytest.fixture
def new_node(loop: Loop, tmp_path: Path) -> Iterator[NewNode]:
    made: list[FakeNode] = []

    def make(name: str) -> FakeNode:
        host = f"127.0.0.{len(made) + 2}"
        node = FakeNode(name, host, _free_port(host), tmp_path / name, loop)
        made.append(node)
        return node

    yield make
    for node in made:
        node.stop()


def _free_port(host: str) -> int:
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])
