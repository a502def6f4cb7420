"""A cluster key lets in whoever has it, again and again, until it is revoked."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agent.cluster import cluster_key, proof
from agent.cluster.member import Member
from agent.cluster.store.pool import Pool
from agent.cluster.store.target import Target
from agent.errors import BandstandError, NotNow, RefusedByPeer
from agent.values import cluster_key as text
from agent.values.join_string import JoinString, Seed
from tests.agent.cluster.test_token import Joiner
from tests.fakes.cluster_node import NewNode, first_node

pytestmark = pytest.mark.outside


@pytest.fixture
def member(new_node: NewNode, target: Target) -> Member:
    return first_node(new_node, target).resident.require_member()


@pytest.fixture
def join(member: Member) -> JoinString:
    """What a joiner makes of a new key and its seeds."""
    issued = cluster_key.create(member)
    return JoinString((Seed("192.0.2.1"),), text.parse(issued.key.reveal()))


def test_one_key_lets_in_any_number(member: Member, join: JoinString) -> None:
    certificates = {Joiner(member, number).ask(join) for number in (2, 3, 4)}
    assert len(certificates) == 3


def test_a_revoked_key_lets_nobody_in(member: Member, join: JoinString) -> None:
    other = cluster_key.create(member)
    cluster_key.revoke(member, proof.token_id(join.secret))
    with pytest.raises(RefusedByPeer, match="cluster key was revoked") as caught:
        _ = Joiner(member).ask(join)
    assert caught.value.code == "token-revoked"
    with pytest.raises(NotNow, match="is revoked already") as again:
        cluster_key.revoke(member, proof.token_id(join.secret))
    assert again.value.exit_code == 6
    good = replace(join, secret=text.parse(other.key.reveal()))
    assert Joiner(member).ask(good)


def test_a_key_that_was_never_made_is_not_revoked(member: Member) -> None:
    with pytest.raises(NotNow, match="there is no cluster key 00ff"):
        cluster_key.revoke(member, "00ff")


def test_a_wrong_proof_is_refused(member: Member, join: JoinString) -> None:
    with pytest.raises(RefusedByPeer) as caught:
        _ = Joiner(member).ask(join, key=b"x" * 32)
    assert caught.value.code == "proof"


def test_the_list_tells_which_are_open_and_used(member: Member, join: JoinString) -> None:
    unused = cluster_key.create(member)
    _ = Joiner(member).ask(join)
    cluster_key.revoke(member, unused.id)
    found = {row.id: (row.state, row.last_used_at is None) for row in cluster_key.list_all(member)}
    assert found == {proof.token_id(join.secret): ("open", False), unused.id: ("revoked", True)}


def test_what_was_done_is_in_the_history(member: Member, join: JoinString, pool: Pool) -> None:
    key_id = proof.token_id(join.secret)
    cluster_key.revoke(member, key_id)
    with pool.transaction() as connection:
        rows = connection.execute("SELECT words FROM bandstand.event WHERE kind = 'key'").fetchall()
    assert [words for (words,) in rows] == [
        f"a cluster key was made: {key_id}",
        f"the cluster key {key_id} was revoked",
    ]


def test_writing_to_the_database_makes_no_key_of_a_join_string(member: Member, pool: Pool) -> None:
    from agent.cluster import token
    from agent.cluster.resident import parse

    join = parse(token.create(member).join_string)
    with pool.transaction() as connection:
        _ = connection.execute(
            "INSERT INTO bandstand.cluster_key (id, proof_key, created_by)"
            " SELECT id, proof_key, created_by FROM bandstand.join_token"
        )
        _ = connection.execute("DELETE FROM bandstand.join_token")
    with pytest.raises(BandstandError) as caught:
        _ = Joiner(member).ask(join)
    assert caught.value.code == "tampered"
