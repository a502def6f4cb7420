"""`bandstand node factory-reset`: the node as new, once its name was typed."""

from __future__ import annotations

import sys
from argparse import Namespace

from agent.ask import sockets
from agent.ask.wire import call
from agent.commands.answer import Answer, Group
from agent.errors import UsageError
from agent.status import words
from agent.system.host import Host
from agent.values.json_object import list_of

# Behind a first boot that holds the lock.
_PATIENCE_S = 120
_ASKED = (
    "A factory reset takes away all settings and secrets of this node, its certificates, its\n"
    "keys, and the account of its administrator. It restarts, and is as new.\n"
    "Type the name of this node to go on: "
)


def add(verbs: Group) -> None:
    parser = verbs.add_parser("factory-reset", help="take all settings away; the node is as new")
    _ = parser.add_argument("--name", help="the name of this node; else it is asked for")
    parser.set_defaults(run=run, host=Host())


def run(args: Namespace) -> Answer:
    name = _asked() if args.name is None else args.name
    path = args.host.files.place(sockets.APPLY)
    result = call(path, "factory-reset", {"name": name}, timeout_s=_PATIENCE_S)
    kept = [words.clean(one) for one in list_of(result.get("kept"))]
    return Answer("\n".join(("This node restarts now, and is as new then.", *kept)), result)


def _asked() -> str:
    """By whoever sits there: nothing that is piped in by mistake is a name."""
    if not sys.stdin.isatty():
        raise UsageError(
            "there is no terminal to ask for the name on", hint="--name NAME says it instead"
        )
    _ = sys.stderr.write(_ASKED)
    _ = sys.stderr.flush()
    return sys.stdin.readline().strip()
