"""`bandstand node shell on|off`: whether the console may open a shell, for some minutes."""

from __future__ import annotations

from argparse import Namespace

from agent.access.shell import DEFAULT_MINUTES, LONGEST_MINUTES
from agent.commands.answer import Answer, Group
from agent.commands.by_root import ask
from agent.errors import UsageError
from agent.status import words
from agent.system.host import Host
from agent.typed import Any


def add(group: Group) -> None:
    parser = group.add_parser(
        "shell", help="open the console's shell for some minutes, or close it"
    )
    _ = parser.add_argument("state", choices=("on", "off"), help="open, or closed")
    _ = parser.add_argument(
        "--minutes",
        type=int,
        metavar="N",
        help=f"how long, {DEFAULT_MINUTES} unless said, at most {LONGEST_MINUTES}",
    )
    parser.set_defaults(run=run, host=Host())


def run(args: Namespace) -> Answer:
    found = ask(args.host, "shell", _wanted(args))
    left_s = found.get("left_s")
    if not found.get("open"):
        return Answer("The console opens no shell.", found)
    left = words.ago(left_s if isinstance(left_s, int) else 0)
    return Answer(f"The console may open a shell, for {left}.", found)


def _wanted(args: Namespace) -> dict[str, Any]:
    if args.state == "off" and args.minutes is not None:
        raise UsageError("--minutes is for shell on", hint="bandstand node shell off closes it now")
    minutes = DEFAULT_MINUTES if args.minutes is None else args.minutes
    return {"open": True, "minutes": minutes} if args.state == "on" else {"open": False}
