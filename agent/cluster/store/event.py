"""The table `event`: what happened, each entry chained to the one before and signed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from agent.typed import TYPE_CHECKING

if TYPE_CHECKING:
    import psycopg

# Any number will do that nobody else in this database takes: "bandsevt" in ASCII.
_LOCK = 0x62616E6473657674


@dataclass(frozen=True)
class Entry:
    """One entry as its hash covers it; `node` is who wrote it."""

    number: int
    node: str
    kind: str
    words: str
    previous: str

    def content(self) -> tuple[str, ...]:
        return ("event", str(self.number), self.node, self.kind, self.words, self.previous)


@dataclass(frozen=True)
class Writer:
    """How this node chains and signs: `hash_of` and `sign` take an entry's content."""

    node_id: str
    hash_of: Callable[[tuple[str, ...]], str]
    sign: Callable[[tuple[str, ...]], bytes]


def append(connection: psycopg.Connection, writer: Writer, kind: str, words: str) -> Entry:
    """One writer at a time until its transaction ends."""
    _ = connection.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
    last = connection.execute(
        "SELECT number, hash FROM bandstand.event ORDER BY number DESC LIMIT 1"
    ).fetchone()
    number, previous = (last[0] + 1, last[1]) if last else (1, "")
    entry = Entry(number, writer.node_id, kind, words, previous)
    _ = connection.execute(
        "INSERT INTO bandstand.event (number, node, kind, words, previous, hash, signature)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s)",
        (
            *(entry.number, entry.node, entry.kind, entry.words, entry.previous),
            *(writer.hash_of(entry.content()), writer.sign(entry.content())),
        ),
    )
    return entry
