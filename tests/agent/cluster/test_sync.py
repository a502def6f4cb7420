"""What all nodes share: pulled, verified, in force, and only then kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from agent.accepted.store import Membership
from agent.ask.serve import Peer
from agent.ask.wire import Request
from agent.cluster import snapshot
from agent.cluster.member import Member
from agent.cluster.report import Belonging
from agent.cluster.shared import Shared, to_row
from agent.cluster.store import cluster as clusters
from agent.cluster.store import configuration
from agent.cluster.store.pool import Pool
from agent.cluster.store.target import Target
from agent.cluster.sync import Sync
from agent.cluster.verbs import handle
from agent.cluster.vouch import vouch
from agent.errors import CommandFailed
from tests.fakes.clock import FakeClock
from tests.fakes.cluster_node import FakeNode, NewNode, first_node

pytestmark = pytest.mark.outside


@pytest.fixture
def node(new_node: NewNode, target: Target) -> FakeNode:
    return first_node(new_node, target)


def _publish(member: Member, version: int, hostname: str) -> None:
    settings = {**member.shared.settings, "cluster.hostname": hostname}
    newer = Shared(version, settings, member.shared.web_source)
    with member.transaction() as connection:
        row = to_row(member.keyring, newer, made_by=member.identity.id, reason="a test")
        configuration.insert(connection, row)
        cluster = member.cluster(connection, lock=True)
        clusters.update(connection, vouch(member.keyring, replace(cluster, config_version=version)))


def _untold(_: dict[str, Any]) -> None:
    return None


def _faults(node: FakeNode) -> list[str]:
    _ = node.resident.round()
    return [fault.code for fault in node.resident.reporter.last.faults]


def test_a_newer_version_comes_in_force_and_stays(node: FakeNode) -> None:
    member = node.resident.require_member()
    _publish(member, 2, "new.test")
    assert _faults(node) == []
    assert node.change.asked[-1][0] is Membership.MEMBER
    assert node.change.shared["cluster.hostname"] == "new.test"
    count = len(node.change.asked)
    assert _faults(node) == []
    assert len(node.change.asked) == count
    again = node.restarted()
    _ = again.resident.round()
    assert again.resident.require_member().shared.version == 2
    assert len(again.change.asked) == count
    again.stop()


def test_three_versions_are_kept(node: FakeNode) -> None:
    for version in (2, 3, 4, 5):
        _publish(node.resident.require_member(), version, f"v{version}.test")
        assert _faults(node) == []
    kept = [name.rpartition("/")[2] for name in node.files.names(snapshot.FOLDER)]
    assert kept == ["000000003.json", "000000004.json", "000000005.json"]


def test_what_apply_refuses_is_told_and_tried_again(node: FakeNode) -> None:
    _publish(node.resident.require_member(), 2, "new.test")
    node.change.fails = True
    assert _faults(node) == ["command-failed"]
    assert node.resident.require_member().shared.version == 1
    node.change.fails = False
    while _faults(node):
        node.resident.site.clock.pause(0.02)
    assert node.resident.require_member().shared.version == 2


def test_a_version_that_is_refused_is_tried_later_and_later_and_the_next_at_once(
    node: FakeNode,
) -> None:
    node.timing = replace(node.timing, retry_s=2, longest_retry_s=30)
    clock, asked = FakeClock(), list[float]()

    def refuse(membership: Membership, shared: Mapping[str, str] | None = None) -> None:
        asked.append(clock.passed_s)
        raise CommandFailed("nginx does not take it")

    member = node.resident.require_member()
    member.site = replace(node.site(), clock=clock, change=refuse)
    sync = Sync(member)
    _publish(member, 2, "new.test")
    for _ in range(100):
        with pytest.raises(CommandFailed, match="does not take it"):
            sync.pull()
        clock.pass_s(1)
    assert asked == [0, 2, 6, 14, 30, 60, 90]
    _publish(member, 3, "newer.test")
    with pytest.raises(CommandFailed):
        sync.pull()
    assert asked[-1] == 100


def test_a_member_answers_before_its_first_round(node: FakeNode) -> None:
    again = node.restarted()
    said = handle(again.resident, Request("cluster.status"), Peer(1, 0, 0), _untold)
    assert said["state"] == "member"
    again.stop()
    once_more = again.restarted()
    made = handle(once_more.resident, Request("cluster.token.create"), Peer(1, 0, 0), _untold)
    assert made["join_string"]
    once_more.stop()


def test_a_version_written_by_no_member_is_refused(node: FakeNode, pool: Pool) -> None:
    _publish(node.resident.require_member(), 2, "new.test")
    with pool.transaction() as connection:
        _ = connection.execute(
            "UPDATE bandstand.configuration SET digest = 'mine' WHERE version = 2"
        )
    assert _faults(node) == ["tampered"]
    assert node.change.shared["cluster.hostname"] == "board.test"


def test_a_version_number_written_by_no_member_is_refused(node: FakeNode, pool: Pool) -> None:
    with pool.transaction() as connection:
        _ = connection.execute("UPDATE bandstand.cluster SET config_version = 7")
    assert _faults(node) == ["tampered"]


def test_an_older_database_takes_nothing_back(node: FakeNode) -> None:
    member = node.resident.require_member()
    _publish(member, 2, "new.test")
    assert _faults(node) == []
    with member.transaction() as connection:
        cluster = member.cluster(connection, lock=True)
        clusters.update(connection, vouch(member.keyring, replace(cluster, config_version=1)))
    assert _faults(node) == ["rolled-back"]
    assert node.change.shared["cluster.hostname"] == "new.test"


def test_another_database_is_not_the_clusters(node: FakeNode, pool: Pool) -> None:
    with pool.transaction() as connection:
        _ = connection.execute("UPDATE bandstand.cluster SET id = gen_random_uuid()")
    assert _faults(node) == ["wrong-cluster"]


def test_without_the_database_a_member_stays_one_and_says_so(node: FakeNode, pool: Pool) -> None:
    with pool.transaction() as connection:
        _ = connection.execute("ALTER SCHEMA bandstand RENAME TO gone")
    node.timing = replace(node.timing, beat_s=0)
    assert _faults(node)
    assert node.resident.reporter.last.state is Belonging.MEMBER
    assert node.resident.reporter.last.members
    said = handle(node.resident, Request("cluster.status"), Peer(1, 0, 0), _untold)
    assert (len(said["members"]), said["faults"][0]["code"]) == (1, "database-refused")
    with pool.transaction() as connection:
        _ = connection.execute("ALTER SCHEMA gone RENAME TO bandstand")
    while _faults(node):
        node.resident.site.clock.pause(0.02)
    assert node.resident.reporter.last.state is Belonging.MEMBER


def test_a_removed_node_sees_that_it_was_removed(node: FakeNode, pool: Pool) -> None:
    with pool.transaction() as connection:
        _ = connection.execute("UPDATE bandstand.node SET state = 'removed'")
    while node.resident.reporter.last.state is Belonging.MEMBER:
        _ = node.resident.round()
    last = node.resident.reporter.last
    assert (last.state, last.faults[0].code) == (Belonging.FAILED, "removed")
