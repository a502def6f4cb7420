"""A join string lets one key in, once; every other way to come in by it has its own refusal."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from agent.certs import authority
from agent.certs.authority import fingerprint
from agent.cluster import messages, proof, seed, token
from agent.cluster.member import Member
from agent.cluster.messages import Hello, JoinRequest
from agent.cluster.nonces import Nonces
from agent.cluster.proof import Meeting
from agent.cluster.seal import new_wrap_key, wrap_public
from agent.cluster.store import node
from agent.cluster.store.pool import Pool
from agent.cluster.store.target import Target
from agent.errors import BandstandError, InputRefused, NotNow, RefusedByPeer, UsageError
from agent.system.clock import Clock
from agent.values.join_string import JoinString
from tests.fakes.cluster_node import NewNode, first_node, join_string_of

pytestmark = pytest.mark.outside


@pytest.fixture
def member(new_node: NewNode, target: Target) -> Member:
    return first_node(new_node, target).resident.require_member()


class Joiner:
    """Speaks to the seed's functions as a joiner would to its port."""

    def __init__(self, member: Member, number: int = 2) -> None:
        self.member = member
        self.key = authority.new_key()
        self.id = f"00000000-0000-4000-8000-{number:012d}"
        self.name = f"joiner{number}"
        self.peer_address = f"192.0.2.{number}:13000"
        self.wrap_key = wrap_public(new_wrap_key()).hex()
        self.nonces = Nonces(Clock())

    def ask(self, join: JoinString, *, key: bytes | None = None, csr: str = "") -> str:
        nonce, token_id = proof.new_nonce(), proof.token_id(join.secret)
        welcome = seed.welcome(self.member, self.nonces, Hello(token_id, nonce))
        request = JoinRequest(
            token=token_id,
            nonce=welcome.nonce,
            node_id=self.id,
            request=csr or authority.request(self.key),
            wrap_key=self.wrap_key,
            name=self.name,
            addresses=("192.0.2.9",),
            peer_address=self.peer_address,
            software="1.0",
        )
        meeting = Meeting(fingerprint(welcome.root), self.member.served_hash, nonce, welcome.nonce)
        proven = proof.joiner_proof(
            key or proof.proof_key(join.secret), meeting, *request.content()
        )
        sent = json.dumps(messages.to_json(replace(request, proof=proven)))
        said = messages.read_request(json.loads(sent))
        return seed.admit(self.member, self.nonces, said, source="192.0.2.77")


def _string(member: Member, *, name: str | None = None) -> JoinString:
    from agent.cluster.resident import parse

    return parse(token.create(member, name=name).join_string)


def test_of_twenty_racers_on_one_string_one_comes_in(member: Member, pool: Pool) -> None:
    join = _string(member)
    racers = [Joiner(member, number) for number in range(2, 22)]

    def race(racer: Joiner) -> str:
        try:
            return racer.ask(join)
        except BandstandError as error:
            return error.code

    with ThreadPoolExecutor(len(racers)) as threads:
        ended = list(threads.map(race, racers))
    assert ended.count("token-used") == len(racers) - 1
    with pool.transaction() as connection:
        assert len(node.read_all(connection)) == 2


def test_the_same_key_asking_again_gets_the_same_certificate(member: Member, pool: Pool) -> None:
    join, joiner = _string(member), Joiner(member)
    first = joiner.ask(join)
    assert joiner.ask(join) == first
    with pool.transaction() as connection:
        assert len(node.read_all(connection)) == 2


def test_another_key_with_a_used_string_is_told_who_used_it(member: Member) -> None:
    join = _string(member)
    _ = Joiner(member).ask(join)
    with pytest.raises(RefusedByPeer, match="192.0.2.77") as caught:
        _ = Joiner(member, 3).ask(join)
    assert caught.value.code == "token-used"


def test_a_wrong_proof_is_refused_and_does_not_cost_the_string(member: Member) -> None:
    join, joiner = _string(member), Joiner(member)
    with pytest.raises(RefusedByPeer) as caught:
        _ = joiner.ask(join, key=b"x" * 32)
    assert caught.value.code == "proof"
    assert joiner.ask(join).startswith("-----BEGIN CERTIFICATE")


def test_an_expired_string_says_so(member: Member, pool: Pool) -> None:
    join = _string(member)
    with pool.transaction() as connection:
        _ = connection.execute(
            "UPDATE bandstand.join_token SET expires_at = now() - interval '1 second'"
        )
    with pytest.raises(RefusedByPeer, match="expired") as caught:
        _ = Joiner(member).ask(join)
    assert caught.value.code == "token-expired"


def test_a_revoked_string_says_so(member: Member) -> None:
    join = _string(member)
    token.revoke(member, proof.token_id(join.secret))
    with pytest.raises(RefusedByPeer, match="revoked") as caught:
        _ = Joiner(member).ask(join)
    assert caught.value.code == "token-revoked"
    with pytest.raises(NotNow, match="is revoked already"):
        token.revoke(member, proof.token_id(join.secret))


def test_a_string_for_another_name_says_for_which(member: Member) -> None:
    join = _string(member, name="third")
    with pytest.raises(RefusedByPeer, match="third") as caught:
        _ = Joiner(member).ask(join)
    assert caught.value.code == "token-name"
    joiner = Joiner(member)
    joiner.name = "Third"
    assert joiner.ask(join)


def test_an_unknown_string_says_so(member: Member) -> None:
    join = _string(member)
    with pytest.raises(RefusedByPeer) as caught:
        _ = Joiner(member).ask(replace(join, secret=b"0" * 16))
    assert caught.value.code == "token-unknown"


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [("name", "ONE", "name-taken"), ("peer_address", "", "address-taken")],
)
def test_what_another_node_has_is_refused_by_its_name(
    member: Member, field: str, value: str, code: str
) -> None:
    joiner, own = Joiner(member), member.standing.peer_address
    setattr(joiner, field, value or own)
    with pytest.raises(RefusedByPeer, match=f"the node one at {own}") as caught:
        _ = joiner.ask(_string(member))
    assert caught.value.code == code


def test_a_removed_key_never_comes_back(member: Member, pool: Pool) -> None:
    joiner = Joiner(member)
    key_hash = authority.public_key_hash(authority.public_key(joiner.key))
    with pool.transaction() as connection:
        _ = connection.execute(
            "INSERT INTO bandstand.tombstone (node, key_hash, reason, mac)"
            " VALUES (gen_random_uuid(), %s, 'stolen', '')",
            (key_hash,),
        )
    with pytest.raises(RefusedByPeer) as caught:
        _ = joiner.ask(_string(member))
    assert caught.value.code == "key-refused"


def test_a_request_that_wants_more_gets_our_template(member: Member) -> None:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.x509.oid import NameOID

    joiner = Joiner(member)
    key = authority.own_key(joiner.key)
    evil = (
        x509.CertificateSigningRequestBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "evil")]))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("evil.test")]), critical=False)
        .sign(key, hashes.SHA256())
        .public_bytes(serialization.Encoding.PEM)
        .decode()
    )
    issued = x509.load_pem_x509_certificate(joiner.ask(_string(member), csr=evil).encode())
    names = issued.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert "evil" not in issued.subject.rfc4514_string()
    assert not issued.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert all(
        name.endswith(".bandstand.internal") for name in names.get_values_for_type(x509.DNSName)
    )


@pytest.mark.parametrize("csr", ["nonsense", "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n"])
def test_a_request_that_cannot_be_read_is_refused(member: Member, csr: str) -> None:
    with pytest.raises(RefusedByPeer) as caught:
        _ = Joiner(member).ask(_string(member), csr=csr)
    assert caught.value.code == "key-refused"


def test_a_pending_node_with_another_address_starts_afresh(member: Member, pool: Pool) -> None:
    join, joiner = _string(member), Joiner(member)
    _ = joiner.ask(join)
    joiner.peer_address = "192.0.2.200:13000"
    _ = joiner.ask(join)
    with pool.transaction() as connection:
        found = node.by_id(connection, joiner.id)
    assert found is not None
    assert found.peer_address == "192.0.2.200:13000"


def test_what_never_came_back_lapses(member: Member, pool: Pool) -> None:
    _ = Joiner(member).ask(_string(member))
    with pool.transaction() as connection:
        _ = connection.execute(
            "UPDATE bandstand.node SET admitted_at = now() - interval '16 minutes'"
        )
    _ = Joiner(member, 3).ask(_string(member))
    with pool.transaction() as connection:
        assert [row.name for row in node.read_all(connection)] == ["one", "joiner3"]


def test_a_closed_cluster_takes_nobody(member: Member, pool: Pool) -> None:
    join = _string(member)
    from agent.cluster.store import cluster as clusters
    from agent.cluster.vouch import vouch

    with pool.transaction() as connection:
        row = clusters.read(connection)
        assert row is not None
        clusters.update(connection, vouch(member.keyring, replace(row, joining_open=False)))
    with pytest.raises(RefusedByPeer) as caught:
        _ = Joiner(member).ask(join)
    assert caught.value.code == "joining-closed"


def test_a_row_changed_by_hand_is_not_acted_upon(member: Member, pool: Pool) -> None:
    join = _string(member)
    with pool.transaction() as connection:
        _ = connection.execute("UPDATE bandstand.cluster SET root_certificate = 'mine'")
    with pytest.raises(BandstandError) as caught:
        _ = Joiner(member).ask(join)
    assert caught.value.code == "tampered"


def test_a_nonce_is_good_once() -> None:
    nonces = Nonces(Clock())
    nonce = nonces.issue("token", "theirs")
    assert nonces.take(nonce) is not None
    assert nonces.take(nonce) is None
    assert nonces.take("0" * 32) is None


def test_the_list_tells_what_became_of_each(member: Member) -> None:
    used, revoked, open_one = _string(member), _string(member), _string(member, name="third")
    _ = Joiner(member).ask(used)
    token.revoke(member, proof.token_id(revoked.secret))
    found = {row.id: (row.state, row.bound_name) for row in token.list_all(member)}
    assert found == {
        proof.token_id(used.secret): ("used", None),
        proof.token_id(revoked.secret): ("revoked", None),
        proof.token_id(open_one.secret): ("open", "third"),
    }


def test_a_string_is_not_valid_for_ever(member: Member) -> None:
    with pytest.raises(InputRefused, match="accepted is 5 to 1440 minutes"):
        _ = token.create(member, minutes=10_000)


def test_a_string_names_its_issuer_first(new_node: NewNode, target: Target) -> None:
    first = first_node(new_node, target)
    assert [str(one) for one in join_string_of(first).seeds] == [first.address]


@pytest.mark.parametrize(
    "change",
    [
        {"node_id": "../../etc"},
        {"name": "two words"},
        {"name": "x" * 300},
        {"addresses": ["not an address"]},
        {"peer_address": "nowhere"},
        {"wrap_key": "00"},
        {"proof": 7},
        {"request": None},
        {"request": "x" * 9000},
    ],
)
def test_a_request_of_another_shape_is_refused_at_the_door(change: dict[str, object]) -> None:
    good = {
        "token": "ab" * 8,
        "nonce": "ab" * 16,
        "node_id": "00000000-0000-4000-8000-000000000001",
        "request": "PEM",
        "wrap_key": "ab" * 32,
        "name": "two",
        "addresses": ["192.0.2.1"],
        "peer_address": "192.0.2.1:13000",
        "software": "1.0",
        "proof": "ab" * 32,
    }
    assert messages.read_request(good).name == "two"
    with pytest.raises(UsageError):
        _ = messages.read_request({**good, **change})


@pytest.mark.parametrize("name", ["", " ", "two words", "a_b", "-a", "x" * 64, "localhost", "a..b"])
def test_a_name_that_no_node_can_have_is_refused_with_what_would_do(
    member: Member, name: str
) -> None:
    with pytest.raises(InputRefused) as caught:
        token.create(member, name=name, minutes=1)
    assert [fault.setting for fault in caught.value.faults] == ["minutes", "name"]
    assert repr(name) in caught.value.faults[1].message
    assert "accepted is a host name such as node-2" in caught.value.faults[1].message
    assert token.list_all(member) == []


def test_a_full_name_is_bound_by_the_name_that_the_node_asks_under(member: Member) -> None:
    _ = token.create(member, name="Node-2.Example.com")
    assert [row.bound_name for row in token.list_all(member)] == ["node-2"]
