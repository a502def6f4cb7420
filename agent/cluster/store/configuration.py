"""The tables `configuration` and `change`: what all nodes share, by version."""

from __future__ import annotations

from dataclasses import dataclass

from agent.typed import TYPE_CHECKING

if TYPE_CHECKING:
    import psycopg


@dataclass(frozen=True)
class ConfigurationRow:
    """One version of the shared configuration, its document sealed."""

    version: int
    document: bytes
    digest: str
    made_by: str
    reason: str
    mac: bytes = b""

    def content(self) -> tuple[str, ...]:
        """What its MAC is made over."""
        return (
            *("configuration", str(self.version), self.document.hex(), self.digest),
            *(self.made_by, self.reason),
        )


def insert(connection: psycopg.Connection, row: ConfigurationRow) -> None:
    _ = connection.execute(
        "INSERT INTO bandstand.configuration (version, document, digest, made_by, reason, mac)"
        " VALUES (%s, %s, %s, %s, %s, %s)",
        (row.version, row.document, row.digest, row.made_by, row.reason, row.mac),
    )
    note(connection, "configuration", str(row.version))


def read(connection: psycopg.Connection, version: int) -> ConfigurationRow | None:
    from psycopg.rows import class_row

    cursor = connection.cursor(row_factory=class_row(ConfigurationRow))
    return cursor.execute(
        "SELECT version, document, digest, made_by::text AS made_by, reason, mac"
        " FROM bandstand.configuration WHERE version = %s",
        (version,),
    ).fetchone()


def note(connection: psycopg.Connection, kind: str, reference: str) -> None:
    """Number a change, and hint at it to whoever listens; polling is the truth."""
    _ = connection.execute(
        "INSERT INTO bandstand.change (kind, reference) VALUES (%s, %s)", (kind, reference)
    )
    _ = connection.execute("SELECT pg_notify('bandstand', %s)", (kind,))
