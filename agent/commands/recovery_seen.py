"""`bandstand node recovery-seen`: the word on home that *Bandstand recovery* was used put away."""

from __future__ import annotations

from argparse import Namespace

from agent.commands.answer import Answer, Group
from agent.commands.by_root import ask
from agent.system.host import Host


def add(group: Group) -> None:
    parser = group.add_parser("recovery-seen", help="put away the note that recovery was used")
    parser.set_defaults(run=run, host=Host())


def run(args: Namespace) -> Answer:
    found = ask(args.host, "recovery-seen", {})
    was_there = found.get("seen") is True
    return Answer("The note is put away." if was_there else "There is no such note.", found)
