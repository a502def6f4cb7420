"""Two nodes, from nothing to two active members; and all that can go wrong on the way."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from agent.accepted import acts
from agent.accepted.store import Membership
from agent.certs.pair import read_pair
from agent.cluster import identity, standing, token
from agent.cluster.join import JOURNAL
from agent.cluster.members import members
from agent.cluster.report import Belonging
from agent.cluster.resident import ACT
from agent.cluster.standing import Stage
from agent.cluster.store import node
from agent.cluster.store.pool import Pool
from agent.cluster.store.target import Target
from agent.errors import BandstandError, NotReachable
from agent.settings.secret import Secret
from agent.status import merge
from agent.steps.journal import Entry, Journal
from agent.steps.run import untold
from agent.steps.step import StepState
from agent.system.clock import Clock
from agent.values import join_string
from agent.values.join_string import JoinString, Seed
from tests.fakes.cluster_node import FakeNode, Loop, NewNode, first_node, join_string_of
from tests.fakes.relay import relay

pytestmark = pytest.mark.outside

_STEPS = (
    "join.hello",
    "join.request",
    "join.activate",
    "join.configuration",
    "join.database",
    "join.active",
)


class Killed(BaseException):
    """What kill -9 is to a thread: nothing catches it."""


@pytest.fixture
def first(new_node: NewNode, target: Target) -> FakeNode:
    return first_node(new_node, target)


def _until(one: FakeNode, holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < deadline, one.resident.reporter.last
        _ = one.resident.round()


def _is_member(one: FakeNode) -> Callable[[], bool]:
    return lambda: one.resident.reporter.last.state is Belonging.MEMBER


def _refused(one: FakeNode, join: JoinString) -> BandstandError:
    with pytest.raises(BandstandError) as caught:
        one.resident.join(join, tell=untold)
    return caught.value


def _is_untouched(one: FakeNode) -> bool:
    return (
        standing.load(one.files) is None
        and not one.files.exists(standing.JOIN_FILE)
        and one.resident.member is None
        and one.change.membership is Membership.NONE
    )


def test_two_nodes_join_to_two_active_members(new_node: NewNode, first: FakeNode) -> None:
    second, told = new_node("two"), list[Entry]()
    second.resident.join(join_string_of(first), tell=told.append)
    _ = first.resident.round()
    for one in (first, second):
        listed = members(one.resident.require_member())
        assert [(row.name, row.state) for row in listed] == [("one", "active"), ("two", "active")]
        assert one.change.membership is Membership.MEMBER
        said = merge.published(one.files)
        assert said["cluster"]["state"] == "member"
        assert said["cluster"]["name"] == "demo"
        assert said["node"]["id"] in {row.id for row in listed}
    assert [entry.name for entry in told if entry.state is StepState.DONE] == list(_STEPS)
    assert [membership for membership, _ in second.change.asked][0] is Membership.JOINING


def test_both_serve_one_certificate_that_names_both(new_node: NewNode, first: FakeNode) -> None:
    second, key = new_node("two"), first.change.shared["tls.key"]
    second.resident.join(join_string_of(first), tell=untold)
    _ = first.resident.round()
    assert first.change.shared == second.change.shared
    assert first.change.shared["cluster.hostname"] == "board.test"
    pair = read_pair(first.change.shared["tls.certificate"], key)
    assert set(pair.names) == {"board.test", "one", "two", first.host, second.host}
    assert first.resident.reporter.last.config_version == 2


def test_a_property_joins_by_itself_and_once(new_node: NewNode, first: FakeNode) -> None:
    second, text = new_node("two"), Secret(join_string.format(join_string_of(first)))
    assert acts.put_act(second.files, ACT, text)
    _until(second, _is_member(second))
    assert acts.pending(second.files) == {}
    assert not acts.put_act(second.files, ACT, text)


@pytest.mark.parametrize("step", _STEPS)
def test_killed_after_a_step_it_goes_on_alone(
    new_node: NewNode, first: FakeNode, pool: Pool, step: str
) -> None:
    second = new_node("two")

    def kill(entry: Entry) -> None:
        if (entry.name, entry.state) == (step, StepState.DONE):
            raise Killed

    with pytest.raises(Killed):
        second.resident.join(join_string_of(first), tell=kill)
    _went_on_alone(second, pool)


@pytest.mark.parametrize("step", _STEPS[1:])
def test_killed_before_a_step_was_noted_it_goes_on_alone(
    new_node: NewNode, first: FakeNode, pool: Pool, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    second, put = new_node("two"), Journal.put

    def kill(journal: Journal, entry: Entry) -> None:
        if (entry.name, entry.state) == (step, StepState.DONE):
            raise Killed
        put(journal, entry)

    with monkeypatch.context() as patch:
        patch.setattr(Journal, "put", kill)
        with pytest.raises(Killed):
            second.resident.join(join_string_of(first), tell=untold)
    _went_on_alone(second, pool)


def _went_on_alone(second: FakeNode, pool: Pool) -> None:
    own = identity.load(second.files)
    again = second.restarted()
    _until(again, _is_member(again))
    assert own is not None
    with pool.transaction() as connection:
        rows = {row.name: (row.id, row.state) for row in node.read_all(connection)}
    assert rows["two"] == (own.id, "active")
    assert len(rows) == 2
    assert not again.files.exists(standing.JOIN_FILE)
    again.stop()


def test_a_seed_that_is_not_there_is_named_with_the_reason(new_node: NewNode) -> None:
    second = new_node("two")
    join = join_string.generate([Seed("127.0.0.9", 1), Seed("no.such.invalid", 2)])
    error = _refused(second, join)
    assert isinstance(error, NotReachable)
    assert "127.0.0.9:1 is not reachable: nothing listens there" in error.message
    assert "no.such.invalid:2 is not reachable" in error.message
    assert _is_untouched(second)


def test_one_dead_seed_of_two_costs_nothing(new_node: NewNode, first: FakeNode) -> None:
    second, join = new_node("two"), join_string_of(first)
    second.resident.join(replace(join, seeds=(Seed("127.0.0.9", 1), *join.seeds)), tell=untold)
    assert second.change.membership is Membership.MEMBER


def test_a_seed_that_is_dumb_is_asked_once(new_node: NewNode, first: FakeNode) -> None:
    asked: list[str] = []
    with socket.create_server(("127.0.0.9", 0)) as dumb:

        def hang_up() -> None:
            with suppress(OSError):
                while True:
                    line, (host, _) = dumb.accept()
                    asked.append(host)
                    line.close()

        threading.Thread(target=hang_up, daemon=True).start()
        second, join = new_node("two"), join_string_of(first)
        seeds = (Seed("127.0.0.9", dumb.getsockname()[1]), *join.seeds)
        second.resident.join(replace(join, seeds=seeds), tell=untold)
    assert len(asked) == 1


def test_an_unreachable_seed_is_tried_again_until_it_is_there(
    new_node: NewNode, first: FakeNode
) -> None:
    second = new_node("two")
    text = Secret(join_string.format(join_string_of(first)))
    first.door.close()
    _ = acts.put_act(second.files, ACT, text)
    waits = [second.resident.round() for _ in range(3)]
    last = second.resident.reporter.last
    assert (last.state, last.waits, last.faults[0].code) == (Belonging.JOINING, True, "unreachable")
    assert merge.published(second.files)["state"] == "waiting"
    assert waits == sorted(waits)
    back = first.restarted()
    _ = back.resident.round()
    _until(second, _is_member(second))
    back.stop()


def test_a_mistyped_property_is_refused_without_a_word_to_anybody(new_node: NewNode) -> None:
    second = new_node("two")
    text = join_string.format(join_string.generate([Seed("127.0.0.9", 1)]))
    typo = text[:7] + ("0" if text[7] != "0" else "1") + text[8:]
    _ = acts.put_act(second.files, ACT, Secret(typo))
    _ = second.resident.round()
    _ = second.resident.round()
    fault = second.resident.reporter.last.faults[0]
    assert second.resident.reporter.last.state is Belonging.FAILED
    assert (fault.setting, "group" in fault.message) == ("cluster.join", True)
    assert typo not in fault.message
    assert acts.pending(second.files) == {}
    assert merge.published(second.files)["cluster"]["state"] == "failed"


def test_a_machine_in_the_middle_hears_an_id_and_a_nonce(
    new_node: NewNode, first: FakeNode, loop: Loop, tmp_path: Path
) -> None:
    second, join = new_node("two"), join_string_of(first)
    at = ("127.0.0.40", 13040)
    with relay(loop, tmp_path, to=(first.host, first.port), at=at) as between:
        error = _refused(second, replace(join, seeds=(Seed(*at),)))
    assert error.code == "proof"
    assert "127.0.0.40:13040" in error.message
    assert "certificate" in error.message
    assert [path for path, _ in between.heard] == ["/v1/hello"]
    assert set(between.heard[0][1]) == {"token", "nonce", "version"}
    assert join.secret.hex() not in str(between.heard)
    assert _is_untouched(second)
    second.resident.join(join, tell=untold)


def test_a_string_of_another_cluster_is_refused(new_node: NewNode, first: FakeNode) -> None:
    join = replace(join_string_of(first), secret=b"0" * 16)
    error = _refused(new_node("two"), join)
    assert (error.code, error.exit_code) == ("token-unknown", 5)


@pytest.mark.parametrize(("hours", "words"), [(1, "3600 seconds ahead"), (-24, "seconds behind")])
def test_a_wrong_clock_is_told_in_seconds(
    new_node: NewNode, first: FakeNode, hours: int, words: str
) -> None:
    class Wrong(Clock):
        def now(self) -> datetime:
            return datetime.now(UTC) + timedelta(hours=hours)

    second = new_node("two")
    second.resident.site = replace(second.resident.site, clock=Wrong())
    error = _refused(second, join_string_of(first))
    assert error.code == "clock-skew"
    assert words in error.message
    assert _is_untouched(second)


def test_a_node_that_cannot_be_called_back_gets_no_secret(
    new_node: NewNode, first: FakeNode, pool: Pool
) -> None:
    second, join = new_node("two"), join_string_of(first)
    second.advertised = "127.0.0.99:1"
    error = _refused(second, join)
    assert error.code == "call-back-failed"
    assert "127.0.0.99:1 is not reachable: nothing listens there" in error.message
    with pool.transaction() as connection:
        held = connection.execute("SELECT count(*) FROM bandstand.wrapped_key").fetchone()
        states = [row.state for row in node.read_all(connection)]
    assert held == (2,)
    assert states == ["active", "pending"]
    assert _is_untouched(second)
    second.advertised = ""
    second.resident.join(join, tell=untold)
    assert _is_member(second)()


def test_another_node_at_the_given_address_is_not_taken_for_it(
    new_node: NewNode, first: FakeNode, target: Target
) -> None:
    second, third = new_node("two"), new_node("three")
    second.resident.join(join_string_of(first), tell=untold)
    second.resident.halt()
    third.advertised = second.address
    error = _refused(third, join_string_of(first))
    assert error.code == "address-taken"
    assert second.address in error.message


def test_a_change_that_fails_here_leaves_the_others_alone(
    new_node: NewNode, first: FakeNode
) -> None:
    second = new_node("two")

    def break_apply(entry: Entry) -> None:
        if entry.name == "join.configuration":
            second.change.fails = True

    with pytest.raises(BandstandError, match="nginx"):
        second.resident.join(join_string_of(first), tell=break_apply)
    stand = standing.load(second.files)
    assert stand is not None
    assert stand.stage is Stage.GRANTED
    _ = first.resident.round()
    listed = members(first.resident.require_member())
    assert [row.state for row in listed] == ["active", "joining"]
    second.change.fails = False
    _until(second, _is_member(second))


def test_a_member_is_not_joined_again(new_node: NewNode, first: FakeNode) -> None:
    error = _refused(first, join_string.generate([Seed("127.0.0.9", 1)]))
    assert (error.code, error.exit_code) == ("not-now", 6)
    assert first.resident.member is not None


def test_a_third_node_comes_in_by_the_second(new_node: NewNode, first: FakeNode) -> None:
    second, third = new_node("two"), new_node("three")
    second.resident.join(join_string_of(first), tell=untold)
    join = join_string_of(second)
    assert [str(seed) for seed in join.seeds] == [second.address, first.address]
    first.door.close()
    third.resident.join(replace(join, seeds=tuple(reversed(join.seeds))), tell=untold)
    assert len(members(third.resident.require_member())) == 3


def test_no_secret_lies_open_on_the_disk_but_the_keys(
    new_node: NewNode, first: FakeNode, target: Target
) -> None:
    second, join = new_node("two"), join_string_of(first)
    second.resident.join(join, tell=untold)
    for path in second.root.rglob("*"):
        if not path.is_file():
            continue
        content = path.read_bytes()
        assert target.password.reveal().encode() not in content, path
        assert join_string.format(join).encode() not in content, path
        if b"PRIVATE KEY" in content:
            assert path.name == "key.pem"
    for name in ("key.pem", "node.json", "cluster.json"):
        assert (second.root / "var/lib/bandstand/identity" / name).stat().st_mode & 0o777 == 0o600
    assert second.files.exists(JOURNAL)


def test_the_string_of_one_use_is_spent(new_node: NewNode, first: FakeNode) -> None:
    join = join_string_of(first)
    new_node("two").resident.join(join, tell=untold)
    assert _refused(new_node("three"), join).code == "token-used"
    states = [row.state for row in token.list_all(first.resident.require_member())]
    assert states == ["used"]
