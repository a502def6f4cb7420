"""A cluster that properties make: no person, no phrase; and what is told where it cannot be."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Mapping

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from agent.accepted import acts, claim
from agent.accepted.store import Membership
from agent.cluster import cluster_key, password, seal
from agent.cluster.report import Belonging
from agent.cluster.seal import Keyring, Tampered
from agent.cluster.store import administrator, key
from agent.cluster.store import cluster as clusters
from agent.cluster.store.key import RECOVERY
from agent.cluster.store.pool import Pool
from agent.cluster.store.target import Target
from agent.cluster.vouch import check
from agent.errors import Fault
from agent.settings.accept import accept
from agent.settings.secret import Secret
from agent.status import merge
from agent.values import cluster_key as key_text
from agent.values.join_string import JoinString, Seed
from tests.fakes.cluster_node import PASSWORD, FakeNode, NewNode, first_node
from tests.lab.postgres import Postgres

pytestmark = pytest.mark.outside

_CANARY = "canary battery staple"
_KEY = key_text.format(bytes(range(16)))
_RECOVERY = X25519PrivateKey.generate()
_RECOVERY_PEM = (
    _RECOVERY.public_key()
    .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    .decode()
)


def _properties(target: Target, **more: str) -> dict[str, str]:
    return {
        **target.to_texts(),
        "cluster.init": "yes",
        "cluster.name": "demo",
        "cluster.admin_user": "Operator",
        "cluster.admin_password": _CANARY,
        "cluster.recovery_public_key": " ".join(_RECOVERY_PEM.split("\n")),
        **{f"cluster.{name}": text for name, text in more.items()},
    }


def _give(one: FakeNode, properties: Mapping[str, str]) -> None:
    """As first boot leaves them for the agent."""
    found = accept(properties)
    assert not found.faults
    claim.put(one.files, found.settings)


def _until(one: FakeNode, holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < deadline, one.resident.reporter.last
        _ = one.resident.round()


def _is_member(one: FakeNode) -> bool:
    return one.resident.reporter.last.state is Belonging.MEMBER


def _fault(one: FakeNode) -> Fault:
    return one.resident.reporter.last.faults[0]


@pytest.fixture
def first(new_node: NewNode, target: Target) -> FakeNode:
    """A node whose properties made a cluster with a key."""
    made = new_node("one")
    _give(made, _properties(target, key=_KEY))
    _until(made, lambda: _is_member(made))
    return made


def test_properties_alone_make_a_member_once(first: FakeNode, target: Target) -> None:
    assert first.change.membership is Membership.MEMBER
    assert first.resident.reporter.last.name == "demo"
    assert acts.pending(first.files) == {}
    _give(first, _properties(target, key=_KEY))
    assert acts.pending(first.files) == {}


def test_the_administrator_is_kept_as_a_hash_that_members_vouch_for(
    first: FakeNode, pool: Pool
) -> None:
    keyring = first.resident.require_member().keyring
    with pool.transaction() as connection:
        row = administrator.find(connection, "OPERATOR")
    assert row is not None
    assert check(keyring, row).name == "operator"
    assert password.is_password(_CANARY, row.password)
    forged = dataclasses.replace(row, password=password.hashed("mine"))
    with pytest.raises(Tampered):
        _ = check(keyring, forged)


def test_the_password_is_nowhere_in_clear(
    first: FakeNode, server: Postgres, target: Target
) -> None:
    for path in first.root.rglob("*"):
        assert not path.is_file() or _CANARY.encode() not in path.read_bytes(), path
    tables = ("administrator", "cluster_key", "configuration", "event")
    for table in tables:
        rows = server.sql(f"COPY bandstand.{table} TO STDOUT", database=target.name)
        assert rows.strip(), table
        assert not any(secret in rows for secret in (_CANARY, _KEY, bytes(range(16)).hex()))


def test_the_recovery_key_opens_it_without_any_node(first: FakeNode, pool: Pool) -> None:
    assert first.resident.member
    with pool.transaction() as connection:
        row, wrapped = clusters.read(connection), key.get(connection, RECOVERY, 1)
    assert row is not None
    assert wrapped is not None
    opened = seal.unwrap(wrapped.ciphertext, _RECOVERY.private_bytes_raw())
    assert Keyring(1, opened).check_value() == row.key_check


def test_the_given_key_lets_a_second_node_in(first: FakeNode, new_node: NewNode) -> None:
    second = new_node("two")
    _give(second, {"cluster.seeds": f"127.0.0.9:1, {first.address}", "cluster.key": _KEY.lower()})
    assert set(acts.pending(second.files)) == {"cluster.key"}
    _until(second, lambda: _is_member(second))
    assert acts.pending(second.files) == {}
    used = [row.last_used_at for row in cluster_key.list_all(first.resident.require_member())]
    assert None not in used


def test_a_database_that_is_away_is_tried_again(new_node: NewNode, target: Target) -> None:
    made = new_node("one")
    _give(made, _properties(dataclasses.replace(target, port=1)))
    waits = [made.resident.round() for _ in range(3)]
    last = made.resident.reporter.last
    assert (last.state, last.waits) == (Belonging.MAKING, True)
    assert (_fault(made).setting, _fault(made).code) == ("database.host", "database-unreachable")
    assert merge.published(made.files)["state"] == "waiting"
    assert waits == sorted(waits)
    # The operator corrects the port: the same act goes on with it.
    right = {key: text for key, text in target.to_texts().items()}
    claim.put(made.files, accept(right).settings)
    _until(made, lambda: _is_member(made))


def test_an_occupied_database_is_a_fault_and_stays_as_it_is(
    new_node: NewNode, target: Target, pool: Pool
) -> None:
    _ = first_node(new_node, target)
    late = new_node("two")
    _give(late, _properties(target))
    _until(late, lambda: late.resident.reporter.last.state is Belonging.FAILED)
    _ = late.resident.round()
    assert (_fault(late).setting, _fault(late).code) == ("cluster.init", "occupied")
    assert "the database holds the cluster demo already" in _fault(late).message
    assert _fault(late).hint.startswith("join it")
    assert acts.pending(late.files) == {}
    assert late.change.asked == []
    with pool.transaction() as connection:
        assert administrator.find(connection, "operator") is None
    _give(late, _properties(target))
    assert acts.pending(late.files) == {}


def test_broken_off_it_goes_on_alone(new_node: NewNode, target: Target) -> None:
    made = new_node("one")
    _give(made, _properties(target))
    made.change.fails = True
    _ = made.resident.round()
    assert made.resident.reporter.last.waits
    made.change.fails = False
    again = made.restarted()
    _until(again, lambda: _is_member(again))
    assert acts.pending(again.files) == {}
    again.stop()


def test_a_member_does_not_keep_what_it_cannot_do(first: FakeNode, target: Target) -> None:
    _give(first, _properties(target, admin_user="another"))
    assert set(acts.pending(first.files)) == {"cluster.init"}
    _ = first.resident.round()
    assert acts.pending(first.files) == {}
    assert _is_member(first)


def test_the_newest_act_is_the_one_that_counts(new_node: NewNode, first: FakeNode) -> None:
    second = new_node("two")
    dead = JoinString((Seed("127.0.0.9", 1),), bytes(16))
    from agent.values import join_string

    _give(second, {"cluster.join": join_string.format(dead)})
    _ = second.resident.round()
    _give(second, {"cluster.seeds": first.address, "cluster.key": _KEY})
    assert set(acts.pending(second.files)) == {"cluster.key"}
    _until(second, lambda: _is_member(second))


def test_a_person_who_inits_ends_what_waits(new_node: NewNode, target: Target) -> None:
    from agent.cluster.wish import wish_of

    made = new_node("one")
    _give(made, _properties(dataclasses.replace(target, port=1)))
    _ = made.resident.round()
    texts = {**target.to_texts(), "cluster.admin_user": "anna", "cluster.admin_password": PASSWORD}
    begun = made.resident.init(wish_of(texts), tell=lambda _: None)
    assert begun.phrase
    assert acts.pending(made.files) == {}


def test_an_act_that_cannot_be_read_is_told_and_gone(new_node: NewNode) -> None:
    made = new_node("one")
    _ = acts.put_act(made.files, claim.INIT, Secret("torn"))
    _ = made.resident.round()
    assert _fault(made).setting == "cluster.init"
    assert "torn" not in _fault(made).message
    assert acts.pending(made.files) == {}
