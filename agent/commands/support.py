"""`bandstand node support [FILE]`: what to send along with a question."""

from __future__ import annotations

import os
from argparse import Namespace
from pathlib import Path

from agent.commands.answer import Answer, Group
from agent.commands.by_root import ask, recorded
from agent.errors import UsageError
from agent.status import words
from agent.system.host import Host
from agent.typed import Any
from agent.values.json_object import list_of

_KIB = 1024


def add(group: Group) -> None:
    parser = group.add_parser("support", help="write a bundle for support, without secrets")
    _ = parser.add_argument(
        "file", nargs="?", metavar="FILE", help="else a new one in /var/lib/bandstand/support"
    )
    parser.set_defaults(run=run, host=Host())


def run(args: Namespace) -> Answer:
    host: Host = args.host
    file = str(Path(args.file).absolute()) if args.file else ""
    if file and os.geteuid() != 0:
        raise UsageError("a file of one's choice is written by root", hint="sudo bandstand …")
    made = _to(host, file) if file else ask(host, "support", {})
    size = -(-int(made.get("bytes", 0)) // _KIB)
    count = len(list_of(made.get("contents")))
    told = f"{words.clean(made.get('file'))}: {size} KiB, {count} files, contents.txt lists them."
    return Answer(f"{told}\nSecrets in it are masked; names and addresses are not.", made)


def _to(host: Host, file: str) -> dict[str, Any]:
    """Apply may write to its own folders only, and that disk may be the full one."""
    from agent.support.bundle import make

    return recorded(host, "support", {"file": file[:80]}, lambda: make(host, file).as_json())
