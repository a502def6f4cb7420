"""The table `administrator`: who may look after the cluster in the portal."""

from __future__ import annotations

from dataclasses import dataclass

from agent.typed import TYPE_CHECKING

if TYPE_CHECKING:
    import psycopg


@dataclass(frozen=True)
class AdministratorRow:
    """An account by its name in lower case; `password` is a hash (agent.cluster.password)."""

    name: str
    password: str
    made_by: str
    mac: bytes = b""

    def content(self) -> tuple[str, ...]:
        """What its MAC is made over."""
        return ("administrator", self.name, self.password, self.made_by)

    def __repr__(self) -> str:
        return f"AdministratorRow({self.name!r})"


def insert(connection: psycopg.Connection, row: AdministratorRow) -> None:
    _ = connection.execute(
        "INSERT INTO bandstand.administrator (name, password, made_by, mac)"
        " VALUES (%s, %s, %s, %s)",
        (row.name, row.password, row.made_by, row.mac),
    )


def find(connection: psycopg.Connection, name: str) -> AdministratorRow | None:
    from psycopg.rows import class_row

    cursor = connection.cursor(row_factory=class_row(AdministratorRow))
    return cursor.execute(
        "SELECT name, password, made_by::text AS made_by, mac"
        " FROM bandstand.administrator WHERE name = lower(%s)",
        (name,),
    ).fetchone()
