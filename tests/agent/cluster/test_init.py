"""The first node: exactly one, resumable, and with a way back when every node is lost."""

from __future__ import annotations

import dataclasses
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from agent.accepted.store import Membership
from agent.certs.pair import read_pair
from agent.certs.self_signed import self_signed
from agent.cluster import init, seal, standing
from agent.cluster.draft import Wish
from agent.cluster.init import Begun
from agent.cluster.seal import Keyring
from agent.cluster.standing import Stage
from agent.cluster.store import cluster as clusters
from agent.cluster.store import key, node
from agent.cluster.store.key import RECOVERY
from agent.cluster.store.pool import Pool
from agent.cluster.store.target import Target
from agent.cluster.wish import wish_of
from agent.errors import BandstandError, CommandFailed, InputRefused, NotNow
from agent.settings.secret import Secret
from agent.system.clock import Clock
from tests.fakes.cluster_node import PASSWORD, NewNode
from tests.lab.postgres import Postgres

pytestmark = pytest.mark.outside


def _untold(_: str) -> None:
    return None


def test_of_ten_first_nodes_exactly_one_makes_the_cluster(
    new_node: NewNode, target: Target, pool: Pool
) -> None:
    nodes = [new_node(f"node{number}") for number in range(10)]

    def start(one: Any) -> Begun | BandstandError:
        try:
            return init.init(one.site(), Wish(target, name="demo"), tell=_untold)
        except BandstandError as error:
            return error

    with ThreadPoolExecutor(len(nodes)) as threads:
        ended = list(threads.map(start, nodes))
    begun = [one for one in ended if isinstance(one, Begun)]
    refused = [one for one in ended if isinstance(one, NotNow)]
    assert (len(begun), len(refused)) == (1, 9)
    assert {one.code for one in refused} == {"occupied"}
    assert all("join" in one.hint and "demo" in one.message for one in refused)
    with pool.transaction() as connection:
        assert len(node.read_all(connection)) == 1
    losers = [one for one, end in zip(nodes, ended, strict=True) if isinstance(end, NotNow)]
    assert all(standing.load(one.files) is None for one in losers)
    assert all(one.change.asked == [] for one in losers)


def test_the_first_node_is_in_force_with_a_certificate_for_its_names(
    new_node: NewNode, target: Target
) -> None:
    first = new_node("one")
    begun = first.resident.init(Wish(target, hostname="board.test"), tell=_untold)
    assert not begun.is_resumed
    assert first.change.membership is Membership.MEMBER
    shared = first.change.shared
    pair = read_pair(shared["tls.certificate"], shared["tls.key"])
    assert set(pair.names) == {"board.test", "one", first.host}
    assert shared["database.password"] == PASSWORD


def test_a_given_certificate_is_the_shared_one(new_node: NewNode, target: Target) -> None:
    first, pair = new_node("one"), self_signed(["board.test"], [], now=Clock().now())
    wish = Wish(target, certificate=pair.certificate_pem, key_pem=pair.key_pem)
    _ = first.resident.init(wish, tell=_untold)
    assert first.change.shared["tls.certificate"] == pair.certificate_pem


def test_broken_off_it_goes_on_with_the_cluster_that_it_made(
    new_node: NewNode, target: Target, pool: Pool
) -> None:
    first = new_node("one")
    first.change.fails = True
    with pytest.raises(CommandFailed):
        _ = first.resident.init(Wish(target), tell=_untold)
    with pool.transaction() as connection:
        made = clusters.read(connection)
    first.change.fails = False
    again = first.restarted()
    told: list[str] = []
    begun = again.resident.init(Wish(target, name="another"), tell=told.append)
    assert "init.resume" in told
    assert made is not None
    assert begun.cluster_id == made.id
    assert (begun.is_resumed, begun.name) == (True, "cluster")
    assert again.change.membership is Membership.MEMBER
    again.stop()


def test_killed_before_it_kept_anything_it_finds_its_own_cluster(
    new_node: NewNode, target: Target
) -> None:
    first = new_node("one")

    def kill(name: str) -> None:
        if name == "init.keep":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        _ = init.init(first.site(), Wish(target), tell=kill)
    assert standing.load(first.files) is None
    begun = init.init(first.site(), Wish(target), tell=_untold)
    stand = standing.load(first.files)
    assert stand is not None
    assert (stand.stage, stand.cluster_id) == (Stage.MEMBER, begun.cluster_id)


def test_a_broken_init_waits_for_the_operator_who_is_to_see_the_phrase(
    new_node: NewNode, target: Target
) -> None:
    first = new_node("one")
    first.change.fails = True
    with pytest.raises(CommandFailed):
        _ = first.resident.init(Wish(target), tell=_untold)
    first.change.fails = False
    again = first.restarted()
    _ = again.resident.round()
    assert again.resident.member is None
    assert "call bandstand cluster init again" in again.resident.reporter.last.faults[0].hint
    begun = again.resident.init(Wish(target), tell=_untold)
    assert begun.phrase
    assert again.resident.require_member().standing.stage is Stage.MEMBER
    again.stop()


def test_a_second_init_on_the_same_node_says_where_it_is(new_node: NewNode, target: Target) -> None:
    first = new_node("one")
    _ = first.resident.init(Wish(target, name="demo"), tell=_untold)
    with pytest.raises(NotNow, match="belongs to the cluster demo already") as caught:
        _ = first.resident.init(Wish(target), tell=_untold)
    assert caught.value.exit_code == 6


def test_a_database_that_refuses_leaves_nothing_behind(new_node: NewNode, target: Target) -> None:
    first = new_node("one")
    wrong = dataclasses.replace(target, password=Secret("wrong battery"))
    with pytest.raises(BandstandError, match="refuses the password") as caught:
        _ = first.resident.init(Wish(wrong), tell=_untold)
    assert caught.value.exit_code == 5
    assert standing.load(first.files) is None
    assert first.change.asked == []


def test_the_phrase_opens_the_key_without_any_node(
    new_node: NewNode, target: Target, pool: Pool
) -> None:
    begun = new_node("one").resident.init(Wish(target), tell=_untold)
    with pool.transaction() as connection:
        row, wrapped = clusters.read(connection), key.get(connection, RECOVERY, 1)
    assert row is not None
    assert wrapped is not None
    opened = seal.unwrap(wrapped.ciphertext, seal.recovery_private(begun.phrase.lower()))
    assert Keyring(1, opened).check_value() == row.key_check
    assert b"PRIVATE KEY" in Keyring(1, opened).unseal(row.root_key, about="root key")


def test_a_dump_of_the_database_holds_no_secret(
    new_node: NewNode, target: Target, server: Postgres
) -> None:
    begun = new_node("one").resident.init(Wish(target), tell=_untold)
    tables = ("cluster", "node", "wrapped_key", "configuration", "event", "change")
    dump = "\n".join(
        server.sql(f"COPY bandstand.{table} TO STDOUT", database=target.name) for table in tables
    )
    readable = dump + bytes.fromhex(
        "".join(part for part in dump.replace("\\\\x", " ").split() if _is_hex(part))
    ).decode("latin-1")
    assert "BEGIN CERTIFICATE" in readable
    for secret in (PASSWORD, "PRIVATE KEY", begun.phrase):
        assert secret not in readable


def _is_hex(text: str) -> bool:
    return len(text) % 2 == 0 and all(letter in "0123456789abcdef" for letter in text)


def test_what_is_missing_and_what_is_wrong_is_told_at_once() -> None:
    with pytest.raises(InputRefused) as caught:
        _ = wish_of({"database.name": "board"})
    assert {fault.setting for fault in caught.value.faults} == {"database.host", "database.user"}
    with pytest.raises(InputRefused) as caught:
        _ = wish_of({"database.port": "none", "cluster.hostname": "two words"})
    assert {fault.setting for fault in caught.value.faults} == {"database.port", "cluster.hostname"}


def test_a_wish_takes_what_the_validator_made_of_it() -> None:
    wish = wish_of(
        {
            "database.host": "DB.test",
            "database.name": "board",
            "database.user": "board",
            "database.password": PASSWORD,
            "database.tls": "require",
            "cluster.name": " my  cluster ",
            "node.name": "not-asked-for",
        }
    )
    assert wish.target.where == "db.test:5432"
    assert (wish.name, wish.hostname) == ("my cluster", "")
    assert PASSWORD not in repr(wish)
