"""`bandstand node power`: the machine restarted or switched off, and what a cluster says to it."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Mapping

from agent.ask import sockets
from agent.ask.wire import call
from agent.commands.answer import Answer, Group
from agent.status import words
from agent.status.merge import published
from agent.system.host import Host
from agent.typed import Any
from agent.values.json_object import object_of

_PATIENCE_S = 30
_SAID = {"restart": "This node restarts now.", "off": "This node switches off now."}
_ALONE = ("", "none")


def add(verbs: Group) -> None:
    parser = verbs.add_parser("power", help="restart this machine, or switch it off")
    _ = parser.add_argument("act", choices=sorted(_SAID), help="which of the two")
    parser.set_defaults(run=run, host=Host())


def run(args: Namespace) -> Answer:
    effect = effect_of(published(args.host.files))
    path = args.host.files.place(sockets.APPLY)
    result = call(path, "power", {"act": args.act}, timeout_s=_PATIENCE_S)
    lines = [_SAID[args.act], *([effect] if effect else [])]
    return Answer("\n".join(lines), {**result, "cluster": effect})


def effect_of(status: Mapping[str, Any]) -> str:
    """Of the node's going away on its cluster; blank where there is none."""
    if words.clean(object_of(status.get("cluster")).get("state")) in _ALONE:
        return ""
    safe = object_of(status.get("safe_to_restart"))
    because = words.clean(safe.get("because"))
    if safe.get("yes") is True:
        return f"The cluster goes on meanwhile: {because}."
    return f"The cluster does not go on meanwhile: {because or 'it does not say how it stands'}."
