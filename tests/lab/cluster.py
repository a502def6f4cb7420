"""What an operator does to make a cluster of nodes, by the command line of a node."""

from __future__ import annotations

from tests.lab.database import Database
from tests.lab.node import Node

HOSTNAME = "board.lab"


def init(node: Node, database: Database, *, name: str = "demo") -> None:
    """Make the cluster; the database's password goes in by standard input."""
    where = {"host": database.host, "name": database.name, "user": database.user}
    options = [word for key, value in where.items() for word in (f"--database-{key}", value)]
    node.check(
        *("bandstand", "cluster", "init", "--name", name, "--hostname", HOSTNAME, *options),
        stdin=database.password + "\n",
        within_s=180,
    )


def join_string(node: Node) -> str:
    """A fresh one-time credential."""
    answer = node.ask("bandstand", "cluster", "token", "create", "--json")
    return str(answer["join_string"])


def join(node: Node, credential: str) -> None:
    """By command, instead of the property."""
    node.check("bandstand", "cluster", "join", stdin=credential + "\n", within_s=180)
