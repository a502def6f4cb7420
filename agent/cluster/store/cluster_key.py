"""The table `cluster_key`: what lets any node in that has it, until it is revoked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from agent.typed import TYPE_CHECKING

if TYPE_CHECKING:
    import psycopg


@dataclass(frozen=True)
class NewClusterKey:
    """One to be stored: its proof key sealed."""

    id: str
    proof_key: bytes
    created_by: str


@dataclass(frozen=True)
class ClusterKeyRow:
    """A cluster key as the database knows it: its proof key sealed, its secret not at all."""

    id: str
    proof_key: bytes
    created_by: str
    created_at: datetime
    revoked_at: datetime | None
    last_used_at: datetime | None

    @property
    def state(self) -> str:
        return "revoked" if self.revoked_at else "open"


_COLUMNS = b"""SELECT id, proof_key, created_by::text AS created_by, created_at, revoked_at,
 last_used_at FROM bandstand.cluster_key """


def insert(connection: psycopg.Connection, key: NewClusterKey) -> None:
    _ = connection.execute(
        "INSERT INTO bandstand.cluster_key (id, proof_key, created_by) VALUES (%s, %s, %s)",
        (key.id, key.proof_key, key.created_by),
    )


def find(connection: psycopg.Connection, key_id: str) -> ClusterKeyRow | None:
    return next(iter(_select(connection, b"WHERE id = %s", (key_id,))), None)


def read_all(connection: psycopg.Connection) -> list[ClusterKeyRow]:
    return _select(connection, b"ORDER BY created_at", ())


def use(connection: psycopg.Connection, key_id: str) -> bool:
    """One statement decides; it is not used up. False when it is revoked."""
    done = connection.execute(
        "UPDATE bandstand.cluster_key SET last_used_at = now()"
        " WHERE id = %s AND revoked_at IS NULL",
        (key_id,),
    )
    return done.rowcount == 1


def revoke(connection: psycopg.Connection, key_id: str) -> bool:
    """False when there is no open one of that id."""
    done = connection.execute(
        "UPDATE bandstand.cluster_key SET revoked_at = now() WHERE id = %s AND revoked_at IS NULL",
        (key_id,),
    )
    return done.rowcount == 1


def _select(
    connection: psycopg.Connection, tail: bytes, values: tuple[str, ...]
) -> list[ClusterKeyRow]:
    from psycopg.rows import class_row

    cursor = connection.cursor(row_factory=class_row(ClusterKeyRow))
    return cursor.execute(_COLUMNS + tail, values).fetchall()
