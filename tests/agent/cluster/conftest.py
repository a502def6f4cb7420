"""A real PostgreSQL for the whole run, a fresh database for each test, nodes on loopback."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.cluster.store.pool import Pool
from agent.cluster.store.target import Target, TlsMode
from agent.settings.secret import Secret
from tests.fakes.cluster_node import PASSWORD, FakeNode, Loop, NewNode, loop_of_peers
from tests.lab.postgres import Postgres, postgres

_EMPTY = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'cluster';
DROP SCHEMA IF EXISTS bandstand CASCADE;
"""


@pytest.fixture(scope="session")
def server() -> Iterator[Postgres]:
    with postgres() as running:
        running.create("cluster", user="cluster", password=PASSWORD)
        yield running


@pytest.fixture
def target(server: Postgres) -> Target:
    """An empty database, and its owner; made once and emptied, since making one takes long."""
    _ = server.sql(_EMPTY, database="cluster")
    return Target(
        host=server.address,
        port=server.port,
        name="cluster",
        user="cluster",
        password=Secret(PASSWORD),
        tls=TlsMode.OFF,
    )


@pytest.fixture
def pool(target: Target) -> Iterator[Pool]:
    """The same database, looked at from outside of all nodes."""
    made = Pool(target)
    yield made
    made.close()


@pytest.fixture
def loop() -> Iterator[Loop]:
    with loop_of_peers() as running:
        yield running


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
