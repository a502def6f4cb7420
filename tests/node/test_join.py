"""Two nodes and a real PostgreSQL: initialized, joined by property, and what is refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.fakes.issuer import issue
from tests.lab import checks, cluster
from tests.lab.database import Database
from tests.lab.fleet import Fleet
from tests.lab.node import Node, Status, active_members

pytestmark = pytest.mark.node

_BOTH = ("first", "second")
_JOIN_S = 60


@pytest.fixture(scope="module")
def alone(fleet: Fleet) -> Node:
    """A node before it has a cluster."""
    return fleet.boot(fleet.make("first", {"node.name": "first"}))


@pytest.fixture(scope="module")
def pair(alone: Node, fleet: Fleet, store: Database) -> tuple[Node, Node]:
    """The first initialized, the second joined through its property."""
    cluster.init(alone, store)
    alone.wait_member(within_s=_JOIN_S)
    properties = {"node.name": "second", "cluster.join": cluster.join_string(alone)}
    other = fleet.boot(fleet.make("second", properties))
    for node in (alone, other):
        node.wait(_counts_both, within_s=_JOIN_S, what="two members")
    return alone, other


def _wait_healthy(node: Node) -> None:
    node.until(lambda: node.health() == 200, within_s=30, what="/healthz 200")


def _counts_both(status: Status) -> bool:
    return set(_BOTH) <= set(active_members(status))


def test_both_count_both(pair: tuple[Node, Node]) -> None:
    for node in pair:
        ok, saw = checks.members(node, _BOTH)
        assert ok, saw


def test_they_serve_one_certificate(pair: tuple[Node, Node]) -> None:
    for node in pair:
        _wait_healthy(node)
    ok, saw = checks.one_certificate(pair)
    assert ok, saw


def test_a_members_own_pair_is_kept_beneath_the_clusters(pair: tuple[Node, Node]) -> None:
    first, now = pair[0], datetime.now(UTC)
    own = issue("own.lab", begins=now - timedelta(days=1), ends=now + timedelta(days=90))
    install = ("bandstand", "node", "cert", "install", "--json")
    told = first.ask(*install, stdin=own.pem + own.key_pem)["certificate"]
    assert (told["source"], told["kept"]) == ("cluster", "given")
    ok, saw = checks.one_certificate(pair)
    assert ok, saw
    told = first.ask("bandstand", "node", "cert", "reset", "--json")["certificate"]
    assert (told["source"], "kept" in told) == ("cluster", False)


def test_the_peers_port_is_open_and_the_rest_is_closed(pair: tuple[Node, Node]) -> None:
    for node in pair:
        assert ("tcp", 13000) in checks.listeners(node)
        assert node.network.answers(node.address, 13000)
        ok, saw = checks.only_the_port_table(node)
        assert ok, saw


def test_the_credential_is_nowhere_to_be_read(pair: tuple[Node, Node]) -> None:
    _, second = pair
    assert not second.check("sh", "-c", "ls /var/lib/bandstand/acts").split()
    assert "cluster.join" not in second.read("/etc/bandstand/settings.json")


def test_a_used_join_string_is_refused_to_another(pair: tuple[Node, Node], fleet: Fleet) -> None:
    first, _ = pair
    used = cluster.join_string(first)
    third = fleet.boot(fleet.make("third", {"node.name": "third", "cluster.join": used}))
    third.wait_member(within_s=_JOIN_S)
    fourth = fleet.boot(fleet.make("fourth", {"node.name": "fourth"}))
    said = fourth.shell.root("bandstand", "cluster", "join", stdin=used + "\n")
    assert said.returncode == 5, said
    assert used not in said.stderr


def test_a_join_string_with_one_character_changed(pair: tuple[Node, Node]) -> None:
    first, _ = pair
    good = cluster.join_string(first)
    last = next(letter for letter in "ABCDEFGH23" if letter != good[-1].upper())
    said = first.shell.root("bandstand", "cluster", "join", stdin=good[:-1] + last + "\n")
    assert said.returncode in (3, 6), said


def test_a_database_that_holds_a_cluster_is_not_overwritten(
    pair: tuple[Node, Node], fleet: Fleet, store: Database
) -> None:
    assert len(pair) == len(_BOTH)
    container = fleet.make("intruder", {"node.name": "intruder"})
    node = fleet.boot(container)
    options = ("--database-host", store.host, "--database-name", store.name)
    said = node.shell.root(
        *("bandstand", "cluster", "init", "--name", "other", *options),
        *("--database-user", store.user),
        stdin=store.password + "\n",
    )
    assert said.returncode == 6, said
    assert store.password not in said.stdout + said.stderr
    container.power_off()


def test_members_come_back_after_a_reboot(pair: tuple[Node, Node], fleet: Fleet) -> None:
    for node in pair:
        container = fleet.containers[node.name]
        container.power_off()
        container.start(ready_s=None)
    for node in pair:
        node.wait_settled(within_s=60)
        node.wait(_counts_both, within_s=_JOIN_S, what="both members again")
