"""The schema, by numbered migrations: one runner at a time, all of them or none."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from agent.cluster.store.pool import Pool
from agent.errors import BandstandError, NotNow
from agent.typed import TYPE_CHECKING

if TYPE_CHECKING:
    import psycopg

_FOLDER = Path(__file__).parent / "migrations"
# Any number will do that nobody else in this database takes: "bandstan" in ASCII.
_LOCK = 0x62616E647374616E


@dataclass(frozen=True)
class Migration:
    """One file of migrations/, in the order of its number."""

    number: int
    name: str
    sql: str

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.sql.encode()).hexdigest()


def known_migrations() -> tuple[Migration, ...]:
    found = (_migration(path) for path in _FOLDER.glob("*.sql"))
    return tuple(sorted(found, key=lambda migration: migration.number))


def migrate(pool: Pool, migrations: tuple[Migration, ...] | None = None) -> tuple[int, ...]:
    """Bring the schema up to date; the numbers that were applied now.

    Raises NotNow for a schema that is newer than this program.
    """
    wanted = known_migrations() if migrations is None else migrations
    with pool.transaction() as connection:
        _ = connection.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
        _prepare(connection)
        applied = _applied(connection)
        _check(applied, wanted)
        todo = [migration for migration in wanted if migration.number not in applied]
        for migration in todo:
            _ = connection.execute(migration.sql.encode())
            _ = connection.execute(
                "INSERT INTO bandstand.migration (number, name, digest) VALUES (%s, %s, %s)",
                (migration.number, migration.name, migration.digest),
            )
    return tuple(migration.number for migration in todo)


def _prepare(connection: psycopg.Connection) -> None:
    found = connection.execute("SELECT to_regclass('bandstand.migration') IS NOT NULL").fetchone()
    if found and found[0]:
        return
    _ = connection.execute("CREATE SCHEMA IF NOT EXISTS bandstand")
    _ = connection.execute(
        "CREATE TABLE bandstand.migration (number integer PRIMARY KEY, name text NOT NULL,"
        " digest text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())"
    )


def _applied(connection: psycopg.Connection) -> dict[int, str]:
    rows = connection.execute("SELECT number, digest FROM bandstand.migration").fetchall()
    return {int(number): str(digest) for number, digest in rows}


def _check(applied: dict[int, str], wanted: tuple[Migration, ...]) -> None:
    newest = max((migration.number for migration in wanted), default=0)
    if applied and max(applied) > newest:
        raise NotNow(
            f"the database has schema {max(applied)}, this node knows up to {newest}",
            hint="upgrade this node: another one of the cluster runs a newer version",
            code="version",
        )
    changed = [m.number for m in wanted if applied.get(m.number, m.digest) != m.digest]
    if changed:
        raise BandstandError(f"migration {changed[0]} is not the one that made this database")


def _migration(path: Path) -> Migration:
    named = re.fullmatch(r"(\d{4})_(\w+)\.sql", path.name)
    if named is None:
        raise BandstandError(f"{path.name} is not named as a migration is: 0001_words.sql")
    return Migration(int(named.group(1)), named.group(2), path.read_text(encoding="utf-8"))
