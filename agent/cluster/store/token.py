"""The table `join_token`: what lets one node in, once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from agent.typed import TYPE_CHECKING

if TYPE_CHECKING:
    import psycopg


@dataclass(frozen=True)
class TokenRow:
    """A join string as the database knows it: its proof key sealed, its secret not at all."""

    id: str
    proof_key: bytes
    bound_name: str | None
    created_by: str
    created_at: datetime
    expires_at: datetime
    is_expired: bool
    revoked_at: datetime | None
    used_at: datetime | None
    used_by_key: str | None
    used_from: str | None

    @property
    def state(self) -> str:
        if self.revoked_at:
            return "revoked"
        if self.used_by_key:
            return "used"
        return "expired" if self.is_expired else "open"


@dataclass(frozen=True)
class NewToken:
    """One to be issued; valid for `valid_s` by the database's clock."""

    id: str
    proof_key: bytes
    bound_name: str | None
    created_by: str
    valid_s: float


@dataclass(frozen=True)
class Use:
    """Who wants to come in by it: the hash of the joiner's key, its name and its address."""

    token_id: str
    key_hash: str
    name: str
    source: str


_COLUMNS = b"""SELECT id, proof_key, bound_name, created_by::text AS created_by, created_at,
 expires_at, expires_at <= now() AS is_expired, revoked_at, used_at, used_by_key, used_from
 FROM bandstand.join_token """


def insert(connection: psycopg.Connection, token: NewToken) -> datetime:
    """The moment until which it is valid."""
    found = connection.execute(
        "INSERT INTO bandstand.join_token (id, proof_key, bound_name, created_by, expires_at)"
        " VALUES (%s, %s, %s, %s, now() + make_interval(secs => %s)) RETURNING expires_at",
        (token.id, token.proof_key, token.bound_name, token.created_by, token.valid_s),
    ).fetchone()
    assert found is not None  # noqa: S101 -- RETURNING of an INSERT gives a row
    until: datetime = found[0]
    return until


def find(connection: psycopg.Connection, token_id: str) -> TokenRow | None:
    return next(iter(_select(connection, b"WHERE id = %s", (token_id,))), None)


def read_all(connection: psycopg.Connection) -> list[TokenRow]:
    return _select(connection, b"ORDER BY created_at", ())


def consume(connection: psycopg.Connection, use: Use) -> bool:
    """One statement decides: unused and valid, or used by this same key before."""
    done = connection.execute(
        "UPDATE bandstand.join_token SET used_at = coalesce(used_at, now()),"
        " used_by_key = %(key)s, used_from = coalesce(used_from, %(source)s)"
        " WHERE id = %(id)s AND revoked_at IS NULL"
        " AND (used_by_key = %(key)s OR (used_by_key IS NULL AND expires_at > now()))"
        " AND (bound_name IS NULL OR lower(bound_name) = lower(%(name)s))",
        {"id": use.token_id, "key": use.key_hash, "name": use.name, "source": use.source},
    )
    return done.rowcount == 1


def revoke(connection: psycopg.Connection, token_id: str) -> bool:
    """False when there is no open one of that id."""
    done = connection.execute(
        "UPDATE bandstand.join_token SET revoked_at = now()"
        " WHERE id = %s AND revoked_at IS NULL AND used_by_key IS NULL",
        (token_id,),
    )
    return done.rowcount == 1


def _select(connection: psycopg.Connection, tail: bytes, values: tuple[str, ...]) -> list[TokenRow]:
    from psycopg.rows import class_row

    cursor = connection.cursor(row_factory=class_row(TokenRow))
    return cursor.execute(_COLUMNS + tail, values).fetchall()
