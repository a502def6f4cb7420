"""`bandstand node undo`: the settings of this node as they were before the last change of them."""

from __future__ import annotations

from argparse import Namespace

from agent.commands import node_set
from agent.commands.answer import Answer, Group
from agent.commands.by_root import ask
from agent.status import words
from agent.system.host import Host
from agent.values.json_object import list_of


def add(verbs: Group) -> None:
    about = "take back the last change of this node's settings; network undo does so for the card"
    verbs.add_parser("undo", help=about).set_defaults(run=run, host=Host())


def run(args: Namespace) -> Answer:
    result = ask(args.host, "node-undo", {}, timeout_s=node_set.PATIENCE_S)
    keys = ", ".join(words.clean(key) for key in list_of(result.get("settings")))
    head = f"As before the last change, and accepted: {keys}."
    return Answer(node_set.said(head, result), result)
