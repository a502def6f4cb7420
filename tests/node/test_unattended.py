"""A fleet by properties alone: the first node makes the cluster, the next come in by its key."""

from __future__ import annotations

import secrets

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from tests.lab import checks
from tests.lab.database import Database
from tests.lab.fleet import Fleet
from tests.lab.node import Node, Status, active_members

pytestmark = pytest.mark.node

_NAME = "fleet"
_PASSWORD = f"canary-{secrets.token_hex(8)}"
# A cluster key that another one showed; a new cluster takes it as its own.
_KEY = "20000-20G33-0G2GP-C1R8X-1450G-P30DY-1R7M4-YF00C"
_MEMBER_S = 60


@pytest.fixture(scope="module")
def init(store: Database) -> dict[str, str]:
    """What makes a cluster, in a database of its own."""
    password = secrets.token_urlsafe(16)
    store.server.create(_NAME, user=_NAME, password=password)
    public = X25519PrivateKey.generate().public_key()
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return {
        "cluster.init": "True",
        "cluster.name": _NAME,
        "cluster.admin_user": "operator",
        "cluster.admin_password": _PASSWORD,
        "cluster.recovery_public_key": public.public_bytes(
            serialization.Encoding.PEM, form
        ).decode(),
        "cluster.key": _KEY,
        "database.host": store.host,
        "database.name": _NAME,
        "database.user": _NAME,
        "database.password": password,
    }


@pytest.fixture(scope="module")
def first(fleet: Fleet, init: dict[str, str]) -> Node:
    node = fleet.boot(fleet.make("alpha", {"node.name": "alpha", **init}))
    node.wait_member(within_s=_MEMBER_S)
    return node


@pytest.fixture(scope="module")
def late(first: Node, fleet: Fleet, init: dict[str, str]) -> Node:
    """One that is told to make what the first made already."""
    assert first.name == "alpha"
    return fleet.boot(fleet.make("gamma", {"node.name": "gamma", **init}))


def test_a_second_node_comes_in_by_seeds_and_key(first: Node, fleet: Fleet) -> None:
    nobody = first.network.gateway
    properties = {"cluster.seeds": f"{nobody}, {first.address}", "cluster.key": _KEY}
    second = fleet.boot(fleet.make("beta", {"node.name": "beta", **properties}))

    def counts_both(status: Status) -> bool:
        return set(active_members(status)) >= {"alpha", "beta"}

    for node in (first, second):
        node.wait(counts_both, within_s=_MEMBER_S, what="two members")
        assert not node.check("sh", "-c", "ls /var/lib/bandstand/acts").split()
        assert "cluster.key" not in node.read("/etc/bandstand/settings.json")
    ok, saw = checks.members(second, ("alpha", "beta"))
    assert ok, saw


def test_what_was_secret_is_nowhere_in_clear(first: Node) -> None:
    places = ("/etc/bandstand", "/var/lib/bandstand", "/run/bandstand", "/var/log", "/tmp")
    for secret in (_PASSWORD, _KEY):
        said = first.shell.root("grep", "-rlaF", secret, *places)
        assert said.returncode == 1, said
        said = first.shell.root("sh", "-c", f"journalctl -b | grep -cF '{secret}'")
        assert said.stdout.strip() == "0", said


def test_an_occupied_database_is_a_fault(late: Node) -> None:
    def failed(status: Status) -> bool:
        return bool(status["cluster"].get("state") == "failed")

    status = late.wait(failed, within_s=_MEMBER_S, what="a refusal")
    fault = next(one for one in status["faults"] if one["setting"] == "cluster.init")
    assert fault["code"] == "occupied"
    assert f"holds the cluster {_NAME} already" in fault["message"]
    assert not late.check("sh", "-c", "ls /var/lib/bandstand/acts").split()


def test_a_revoked_key_lets_nobody_in_and_another_does(first: Node, late: Node) -> None:
    made = [first.ask("bandstand", "cluster", "key", "create", "--json") for _ in range(2)]
    first.check("bandstand", "cluster", "key", "revoke", made[0]["id"])
    join = ("bandstand", "cluster", "join", "--seed", first.address)
    said = late.shell.root(*join, stdin=made[0]["key"] + "\n")
    assert said.returncode == 5, said
    assert "cluster key was revoked" in said.stderr
    late.check(*join, stdin=made[1]["key"] + "\n", within_s=120)
    listed = first.ask("bandstand", "cluster", "key", "list", "--json")["keys"]
    assert {one["id"]: one["state"] for one in listed}[made[0]["id"]] == "revoked"
    assert len(listed) == 3
