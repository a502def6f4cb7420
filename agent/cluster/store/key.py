"""The tables `wrapped_key` and `tombstone`: who may open the cluster's key, and who never again."""

from __future__ import annotations

from dataclasses import dataclass

from agent.typed import TYPE_CHECKING

if TYPE_CHECKING:
    import psycopg

RECOVERY = "recovery"


@dataclass(frozen=True)
class WrappedKey:
    """The key-encryption key as one holder can open it: a node's id, or RECOVERY."""

    key_version: int
    holder: str
    ciphertext: bytes
    mac: bytes = b""

    def content(self) -> tuple[str, ...]:
        """What its MAC is made over."""
        return ("wrapped_key", str(self.key_version), self.holder, self.ciphertext.hex())


def put(connection: psycopg.Connection, row: WrappedKey) -> None:
    _ = connection.execute(
        "INSERT INTO bandstand.wrapped_key (key_version, holder, ciphertext, mac)"
        " VALUES (%s, %s, %s, %s) ON CONFLICT (key_version, holder)"
        " DO UPDATE SET ciphertext = excluded.ciphertext, mac = excluded.mac",
        (row.key_version, row.holder, row.ciphertext, row.mac),
    )


def get(connection: psycopg.Connection, holder: str, key_version: int) -> WrappedKey | None:
    from psycopg.rows import class_row

    cursor = connection.cursor(row_factory=class_row(WrappedKey))
    return cursor.execute(
        "SELECT key_version, holder, ciphertext, mac FROM bandstand.wrapped_key"
        " WHERE holder = %s AND key_version = %s",
        (holder, key_version),
    ).fetchone()


def is_buried(connection: psycopg.Connection, key_hash: str) -> bool:
    """Whether a node of that key was removed: it is never admitted again."""
    found = connection.execute(
        "SELECT 1 FROM bandstand.tombstone WHERE key_hash = %s", (key_hash,)
    ).fetchone()
    return found is not None
