"""`bandstand node code`: the one-time code of a node that nobody claimed, for the portal."""

from __future__ import annotations

from argparse import Namespace

from agent.commands.answer import Answer, Group
from agent.commands.by_root import ask
from agent.status import words
from agent.system.host import Host


def add(group: Group) -> None:
    parser = group.add_parser("code", help="the one-time code of a node that nobody claimed")
    _ = parser.add_argument("--new", action="store_true", help="another one; the former is void")
    parser.set_defaults(run=run, host=Host())


def run(args: Namespace) -> Answer:
    """Exit 6 once the node is claimed."""
    found = ask(args.host, "code", {"new": args.new})
    code, since = words.clean(found.get("code")), words.clean(found.get("since"))
    return Answer(f"{code}\nmade {since}", found)
