"""Cluster keys: made by any member, shown once, good for any node until they are revoked."""

from __future__ import annotations

from dataclasses import dataclass

from agent.cluster import proof
from agent.cluster.member import Member
from agent.cluster.seal import Keyring
from agent.cluster.store import cluster_key as keys
from agent.cluster.store import event
from agent.cluster.store.cluster_key import ClusterKeyRow, NewClusterKey
from agent.errors import NotNow
from agent.settings.secret import Secret
from agent.typed import TYPE_CHECKING
from agent.values import cluster_key
from agent.values.join_string import new_secret

if TYPE_CHECKING:
    from agent.cluster.store.pool import Connection


@dataclass(frozen=True)
class Issued:
    """A cluster key as it is shown, once."""

    id: str
    key: Secret


def create(member: Member) -> Issued:
    """One more: those made before go on until they are revoked, so that a fleet can change over."""
    secret = new_secret()
    with member.transaction() as connection:
        _ = member.cluster(connection)
        key_id = store(connection, member.keyring, secret, made_by=member.identity.id)
        words = f"a cluster key was made: {key_id}"
        _ = event.append(connection, member.writer(), "key", words)
    return Issued(key_id, Secret(cluster_key.format(secret)))


def store(connection: Connection, keyring: Keyring, secret: bytes, *, made_by: str) -> str:
    """Its id; the database gets no more than what proves it, sealed."""
    key_id = proof.token_id(secret)
    sealed = keyring.seal(proof.proof_key(secret), about=about(key_id))
    keys.insert(connection, NewClusterKey(key_id, sealed, made_by))
    return key_id


def about(key_id: str) -> str:
    """Other than a join string's: who may write to the database cannot make one of the other."""
    return f"proof key of the cluster key {key_id}"


def list_all(member: Member) -> list[ClusterKeyRow]:
    with member.transaction() as connection:
        return keys.read_all(connection)


def revoke(member: Member, key_id: str) -> None:
    """Raises NotNow when there is no open one of that id. Who came in by it stays."""
    with member.transaction() as connection:
        if keys.find(connection, key_id) is None:
            raise NotNow(f"there is no cluster key {key_id}", hint="bandstand cluster key list")
        if not keys.revoke(connection, key_id):
            raise NotNow(f"the cluster key {key_id} is revoked already")
        words = f"the cluster key {key_id} was revoked"
        _ = event.append(connection, member.writer(), "key", words)
