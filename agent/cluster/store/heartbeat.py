"""The beating columns of the table `node`, changed only by compare and set."""

from __future__ import annotations

from dataclasses import dataclass

from agent.typed import TYPE_CHECKING

if TYPE_CHECKING:
    import psycopg


@dataclass(frozen=True)
class Beat:
    """What a node says of itself with each heartbeat."""

    node_id: str
    boot_id: str
    config_version: int
    config_digest: str
    software: str


@dataclass(frozen=True)
class Seen:
    """The row as it stands: who wrote it last, and how long ago (None: never)."""

    boot_id: str
    seq: int
    age_s: float | None


def read(connection: psycopg.Connection, node_id: str) -> Seen | None:
    found = connection.execute(
        "SELECT boot_id, heartbeat_seq, extract(epoch FROM now() - heartbeat_at)::float8"
        " FROM bandstand.node WHERE id = %s AND state <> 'removed'",
        (node_id,),
    ).fetchone()
    return None if found is None else Seen(found[0], found[1], found[2])


def write(connection: psycopg.Connection, beat: Beat, *, over: Seen) -> int | None:
    """The next number, or None when the row is not (any more) as it was `over`."""
    found = connection.execute(
        "UPDATE bandstand.node SET heartbeat_seq = heartbeat_seq + 1, heartbeat_at = now(),"
        " boot_id = %s, config_version = %s, config_digest = %s, software = %s"
        " WHERE id = %s AND heartbeat_seq = %s AND boot_id = %s AND state <> 'removed'"
        " RETURNING heartbeat_seq",
        (
            *(beat.boot_id, beat.config_version, beat.config_digest, beat.software),
            *(beat.node_id, over.seq, over.boot_id),
        ),
    ).fetchone()
    return None if found is None else int(found[0])
