"""Every setting once: the sections together, and how a key is found among them."""

from __future__ import annotations

from agent.settings.cluster import Cluster
from agent.settings.database import Database
from agent.settings.declare import Row, rows_of
from agent.settings.network import Network
from agent.settings.node import Node
from agent.settings.portal import Portal
from agent.settings.tls import Tls
from agent.typed import Any, NamedTuple

_FARTHEST = 3


class Settings(NamedTuple):
    """Validated values, a section a class; each says by default what unset means."""

    network: Network = Network()
    node: Node = Node()
    tls: Tls = Tls()
    cluster: Cluster = Cluster()
    database: Database = Database()
    portal: Portal = Portal()


class Declaration(NamedTuple):
    """Rows in the order in which people meet them."""

    rows: tuple[Row, ...]

    @property
    def categories(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(row.category for row in self.rows))

    def of(self, category: str) -> tuple[Row, ...]:
        return tuple(row for row in self.rows if row.category == category)

    def find(self, key: str) -> Row | None:
        """The row of a key or of one of its aliases."""
        for row in self.rows:
            if key == row.key or key in row.aliases:
                return row
        return None

    def nearest(self, key: str) -> str | None:
        """The known key that `key` is most likely a misspelling of, if any is close."""
        asked = key.lower()
        longer = [row.key for row in self.rows if asked and row.key.startswith(asked)]
        if len(longer) == 1:
            return longer[0]
        near = min(self.rows, key=lambda row: _distance(asked, row.key)).key
        return near if _distance(asked, near) <= min(_FARTHEST, len(asked) // 4) else None


def _distance(one: str, other: str) -> int:
    """How many characters to change, add or drop (Levenshtein)."""
    previous = list(range(len(other) + 1))
    for row, left in enumerate(one, 1):
        current = [row]
        for column, right in enumerate(other, 1):
            swap = previous[column - 1] + (left != right)
            current.append(min(swap, previous[column] + 1, current[-1] + 1))
        previous = current
    return previous[-1]


SECTIONS: dict[str, type[Any]] = {
    "network": Network,
    "node": Node,
    "tls": Tls,
    "cluster": Cluster,
    "database": Database,
    "portal": Portal,
}

CORE = Declaration(
    tuple(row for category, section in SECTIONS.items() for row in rows_of(category, section))
)
