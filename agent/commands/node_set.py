"""`bandstand node set`: settings of this node, but for the card's, which are tried first."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Mapping

from agent.commands import given
from agent.commands.answer import Answer, Group
from agent.commands.by_root import ask
from agent.status import words
from agent.system.host import Host
from agent.typed import Any
from agent.values.json_object import list_of, rows_of

# Behind a first boot that holds the lock, and services that start anew.
PATIENCE_S = 180


def add(verbs: Group) -> None:
    parser = verbs.add_parser("set", help="change settings of this node")
    given.add(parser, "name=node1.example.com")
    parser.set_defaults(run=run, host=Host())


def run(args: Namespace) -> Answer:
    wanted = {"settings": given.given(args, "node", "bandstand node set")}
    result = ask(args.host, "node-set", wanted, timeout_s=PATIENCE_S)
    head = "In force, and accepted." if result.get("changed") else "That is how it was already."
    return Answer(said(head, result), result)


def said(head: str, result: Mapping[str, Any]) -> str:
    """With what is wrong besides, and what is worth knowing."""
    faults = [words.clean(row.get("message")) for row in rows_of(result.get("faults"))]
    notes = [f"# {words.clean(one)}" for one in list_of(result.get("notices"))]
    return "\n".join((head, *faults, *notes))
