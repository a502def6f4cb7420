"""The port of the peers: who gets what, and what is refused how."""

from __future__ import annotations

import json
import ssl
from pathlib import Path

import pytest

from agent.certs.authority import issue_node, new_key, new_root, public_key
from agent.cluster import contact, messages, standing
from agent.cluster.identity import KEY_FILE
from agent.cluster.messages import Hello
from agent.cluster.naming import member_name
from agent.cluster.store.pool import Pool
from agent.cluster.store.target import Target
from agent.errors import BandstandError, NotReachable
from agent.steps.run import untold
from agent.system.clock import Clock
from agent.system.http import Talk, Trust
from agent.values.join_string import Seed
from tests.fakes.cluster_node import FakeNode, NewNode, first_node, join_string_of

pytestmark = pytest.mark.outside


@pytest.fixture
def first(new_node: NewNode, target: Target) -> FakeNode:
    return first_node(new_node, target)


@pytest.fixture
def second(new_node: NewNode, first: FakeNode) -> FakeNode:
    joined = new_node("two")
    joined.resident.join(join_string_of(first), tell=untold)
    return joined


def _stranger(to: FakeNode) -> Talk:
    return Talk(to.host, to.port, trust=None)


def _as_node(node: FakeNode, to: FakeNode) -> Talk:
    cluster_id = to.resident.require_member().standing.cluster_id
    return contact.strict(node.files, Seed(to.host, to.port), cluster_id, mutual=True)


@pytest.mark.parametrize("path", ["/v1/config", "/v1/status", "/v1/alive", "/v1/activate"])
def test_without_a_certificate_there_is_only_hello_and_join(first: FakeNode, path: str) -> None:
    with _stranger(first) as talk:
        reply = talk.post(path, {}) if path == "/v1/activate" else talk.get(path)
    assert (reply.status, reply.content["code"]) == (403, "key-refused")


def test_a_member_sees_the_members(first: FakeNode, second: FakeNode) -> None:
    with _as_node(second, first) as talk:
        said = contact.ask(talk, "/v1/status")
    assert [row["name"] for row in said["members"]] == ["one", "two"]


def test_a_removed_node_is_refused_though_its_certificate_is_good(
    first: FakeNode, second: FakeNode, pool: Pool
) -> None:
    with pool.transaction() as connection:
        _ = connection.execute("UPDATE bandstand.node SET state = 'removed' WHERE name = 'two'")
    with _as_node(second, first) as talk, pytest.raises(BandstandError) as caught:
        _ = contact.ask(talk, "/v1/config")
    assert caught.value.code == "key-refused"


def test_a_state_written_into_the_database_opens_nothing(
    first: FakeNode, second: FakeNode, pool: Pool
) -> None:
    with pool.transaction() as connection:
        _ = connection.execute("UPDATE bandstand.node SET state = 'draining' WHERE name = 'two'")
    with _as_node(second, first) as talk, pytest.raises(BandstandError) as caught:
        _ = contact.ask(talk, "/v1/config")
    assert caught.value.code == "tampered"


def test_a_certificate_of_another_root_ends_the_connection(first: FakeNode, tmp_path: Path) -> None:
    root = new_root("else", now=Clock().now())
    key = new_key()
    made = issue_node(
        root, public_key(key), node_id="evil", names=["evil.test"], addresses=[], now=Clock().now()
    )
    _ = (tmp_path / "evil.pem").write_text(made)
    _ = (tmp_path / "evil.key").write_text(key)
    name = member_name(first.resident.require_member().standing.cluster_id)
    trust = Trust(
        str(first.files.path(standing.ROOT_FILE)),
        name,
        str(tmp_path / "evil.pem"),
        str(tmp_path / "evil.key"),
    )
    with Talk(first.host, first.port, trust=trust) as talk, pytest.raises(NotReachable):
        _ = talk.get("/v1/alive")


def test_a_server_of_another_root_is_not_believed(first: FakeNode, tmp_path: Path) -> None:
    other = tmp_path / "other.pem"
    _ = other.write_text(new_root("else", now=Clock().now()).certificate_pem)
    name = member_name(first.resident.require_member().standing.cluster_id)
    with (
        Talk(first.host, first.port, trust=Trust(str(other), name)) as talk,
        pytest.raises(NotReachable, match="certificate that is not of this cluster"),
    ):
        _ = talk.get("/v1/alive")


def test_another_name_than_the_asked_one_is_not_believed(first: FakeNode) -> None:
    trust = Trust(str(first.files.path(standing.ROOT_FILE)), "somebody.else.internal")
    with (
        Talk(first.host, first.port, trust=trust) as talk,
        pytest.raises(NotReachable, match="certificate that is not of this cluster"),
    ):
        _ = talk.get("/v1/alive")


def test_a_body_too_long_is_refused(first: FakeNode) -> None:
    with _stranger(first) as talk:
        reply = talk.post("/v1/hello", {"token": "x" * 20_000})
    assert reply.status == 413


@pytest.mark.parametrize("said", [{}, {"token": "../..", "nonce": "ab" * 16}, {"token": 1}])
def test_a_hello_of_another_shape_is_refused(first: FakeNode, said: dict[str, object]) -> None:
    with _stranger(first) as talk:
        reply = talk.post("/v1/hello", said)
    assert (reply.status, reply.content["code"]) == (400, "usage")


def test_another_version_is_told_so(first: FakeNode) -> None:
    with _stranger(first) as talk:
        reply = talk.post("/v1/hello", messages.to_json(Hello("ab" * 8, "ab" * 16, version=9)))
    assert (reply.status, reply.content["code"]) == (403, "version")


def test_an_unknown_path_is_an_answer_in_json(first: FakeNode) -> None:
    with _stranger(first) as talk:
        assert talk.get("/").status == 404


def test_who_tries_too_often_is_throttled(first: FakeNode) -> None:
    with _stranger(first) as talk:
        replies = [talk.post("/v1/join", {}) for _ in range(4)]
    assert [reply.status for reply in replies][-1] == 429
    assert replies[-1].content["code"] == "throttled"


def test_a_seed_without_its_database_says_no_more_than_that(
    first: FakeNode, pool: Pool, target: Target
) -> None:
    with pool.transaction() as connection:
        _ = connection.execute("ALTER SCHEMA bandstand RENAME TO gone")
    with _stranger(first) as talk:
        reply = talk.post("/v1/hello", messages.to_json(Hello("ab" * 8, "ab" * 16)))
    with pool.transaction() as connection:
        _ = connection.execute("ALTER SCHEMA gone RENAME TO bandstand")
    assert (reply.status, reply.content["code"]) == (503, "database-unreachable")
    assert target.host not in json.dumps(reply.content)


def test_older_tls_is_not_spoken(first: FakeNode) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    import socket

    with (
        socket.create_connection((first.host, first.port), timeout=5) as line,
        pytest.raises(ssl.SSLError),
        context.wrap_socket(line),
    ):
        pass


def test_the_key_of_the_server_is_the_identity(first: FakeNode) -> None:
    with _stranger(first) as talk:
        shown = talk.get("/v1/alive").certificate_der
    stored = (first.files.read(standing.CERTIFICATE_FILE) or "").strip()
    assert ssl.DER_cert_to_PEM_cert(shown).strip() == stored
    assert first.files.exists(KEY_FILE)
