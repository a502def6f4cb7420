"""The table `node`: the members of the cluster, and who is on the way in."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from agent.errors import NotNow
from agent.typed import TYPE_CHECKING

if TYPE_CHECKING:
    import psycopg


class NodeState(StrEnum):
    """pending -> joining -> active -> draining -> removed

    pending lapses; from joining on a node has had secrets, and stays until it is removed.
    conflict: a clone; readmit: expired while off; failed: had secrets, never became active.
    An active node whose heartbeats stopped is shown as lost.
    """

    PENDING = "pending"
    JOINING = "joining"
    ACTIVE = "active"
    DRAINING = "draining"
    REMOVED = "removed"
    CONFLICT = "conflict"
    READMIT = "readmit"
    FAILED = "failed"


class Taken(NotNow):
    """Another node has that name, address or key: `what` says which."""

    def __init__(self, what: str) -> None:
        super().__init__(f"another node of the cluster has that {what}", code=f"{what}-taken")
        self.what = what


@dataclass(frozen=True)
class NodeRow:
    """A node as the others know it; `seen_s` is how long ago its last heartbeat was."""

    id: str
    name: str
    public_key: str
    key_hash: str
    wrap_key: bytes
    peer_address: str
    addresses: list[str]
    certificate: str
    state: str
    software: str = ""
    boot_id: str = ""
    heartbeat_seq: int = 0
    seen_s: float | None = None
    config_version: int = 0
    config_digest: str = ""
    boot_facts: dict[str, str] = field(default_factory=dict[str, str])
    mac: bytes = b""

    def content(self) -> tuple[str, ...]:
        """What its MAC is made over: all that steers, not what beats."""
        return (
            *("node", self.id, self.name, self.public_key, self.key_hash, self.wrap_key.hex()),
            *(self.peer_address, "\0".join(self.addresses), self.certificate, self.state),
        )


_COLUMNS = b"""SELECT id::text AS id, name, public_key, key_hash, wrap_key, peer_address, addresses,
 certificate, state, software, boot_id, heartbeat_seq, config_version, config_digest, boot_facts,
 extract(epoch FROM now() - heartbeat_at)::float8 AS seen_s, mac FROM bandstand.node """


def insert(connection: psycopg.Connection, row: NodeRow) -> None:
    """Raises Taken."""
    import psycopg
    from psycopg.types.json import Json

    try:
        _ = connection.execute(
            "INSERT INTO bandstand.node (id, name, public_key, key_hash, wrap_key, peer_address,"
            " addresses, certificate, state, software, boot_facts, boot_id, mac)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            (
                *(row.id, row.name, row.public_key, row.key_hash, row.wrap_key, row.peer_address),
                *(row.addresses, row.certificate, row.state, row.software),
                *(Json(row.boot_facts), row.boot_id, row.mac),
            ),
        )
    except psycopg.errors.UniqueViolation as error:
        constraint = error.diag.constraint_name or ""
        what = {"node_name": "name", "node_address": "address"}.get(constraint, "key")
        raise Taken(what) from error


def read_all(connection: psycopg.Connection) -> list[NodeRow]:
    """All that are not removed, the oldest first."""
    return _select(connection, b"WHERE state <> 'removed' ORDER BY admitted_at, name", ())


def by_id(connection: psycopg.Connection, node_id: str) -> NodeRow | None:
    return next(iter(_select(connection, b"WHERE id = %s", (node_id,))), None)


def by_key(connection: psycopg.Connection, key_hash: str) -> NodeRow | None:
    where = b"WHERE key_hash = %s AND state <> 'removed'"
    return next(iter(_select(connection, where, (key_hash,))), None)


def holder_of(connection: psycopg.Connection, what: str, value: str) -> NodeRow | None:
    """Who has a name or a peer address."""
    columns = {"name": b"lower(name) = lower(%s)", "address": b"peer_address = %s"}
    where = b"WHERE state <> 'removed' AND " + columns[what]
    return next(iter(_select(connection, where, (value,))), None)


def update_state(connection: psycopg.Connection, row: NodeRow, *, was: NodeState) -> bool:
    """Move it on, together with its MAC; False when it is no longer what it `was`."""
    done = connection.execute(
        "UPDATE bandstand.node SET state = %s, mac = %s WHERE id = %s AND state = %s",
        (row.state, row.mac, row.id, was),
    )
    return done.rowcount == 1


def lapse(connection: psycopg.Connection, *, after_s: float) -> int:
    """Take away those that never had secrets and never came back; how many."""
    return connection.execute(
        "DELETE FROM bandstand.node WHERE state = 'pending'"
        " AND admitted_at < now() - make_interval(secs => %s)",
        (after_s,),
    ).rowcount


def remove_pending(connection: psycopg.Connection, node_id: str) -> None:
    """Take away one that never had secrets."""
    _ = connection.execute(
        "DELETE FROM bandstand.node WHERE id = %s AND state = 'pending'", (node_id,)
    )


def _select(connection: psycopg.Connection, tail: bytes, values: tuple[str, ...]) -> list[NodeRow]:
    from psycopg.rows import class_row

    cursor = connection.cursor(row_factory=class_row(NodeRow))
    return cursor.execute(_COLUMNS + tail, values).fetchall()
