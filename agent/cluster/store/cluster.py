"""The table `cluster`: one row, or none before the cluster was initialized."""

from __future__ import annotations

from dataclasses import dataclass

from agent.typed import TYPE_CHECKING

if TYPE_CHECKING:
    import psycopg


@dataclass(frozen=True)
class ClusterRow:
    """The cluster; its root key lies in it sealed."""

    id: str
    name: str
    root_certificate: str
    root_key: bytes
    key_version: int
    key_check: bytes
    config_version: int
    joining_open: bool
    created_by: str
    mac: bytes = b""

    def content(self) -> tuple[str, ...]:
        """What its MAC is made over."""
        return (
            *("cluster", self.id, self.name, self.root_certificate, str(self.key_version)),
            *(str(self.config_version), str(self.joining_open), self.created_by),
        )


def insert(connection: psycopg.Connection, row: ClusterRow) -> bool:
    """False when there is a cluster already: of many first nodes, one alone gets True."""
    done = connection.execute(
        "INSERT INTO bandstand.cluster (id, name, root_certificate, root_key, key_version,"
        " key_check, config_version, joining_open, created_by, mac)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
        (
            *(row.id, row.name, row.root_certificate, row.root_key, row.key_version),
            *(row.key_check, row.config_version, row.joining_open, row.created_by, row.mac),
        ),
    )
    return done.rowcount == 1


def read(connection: psycopg.Connection, *, lock: bool = False) -> ClusterRow | None:
    """`lock`: nobody else changes it until this transaction ends."""
    from psycopg.rows import class_row

    cursor = connection.cursor(row_factory=class_row(ClusterRow))
    tail = b" FOR UPDATE" if lock else b""
    return cursor.execute(
        b"SELECT id::text AS id, name, root_certificate, root_key, key_version, key_check,"
        b" config_version, joining_open, created_by::text AS created_by, mac"
        b" FROM bandstand.cluster" + tail
    ).fetchone()


def update(connection: psycopg.Connection, row: ClusterRow) -> None:
    """What may change of it: the configuration's version, and whether joining is open."""
    _ = connection.execute(
        "UPDATE bandstand.cluster SET config_version = %s, joining_open = %s, mac = %s",
        (row.config_version, row.joining_open, row.mac),
    )


def time_s(connection: psycopg.Connection) -> float:
    """The database's clock, as seconds since 1970."""
    found = connection.execute("SELECT extract(epoch FROM clock_timestamp())::float8").fetchone()
    return float(found[0]) if found else 0.0
