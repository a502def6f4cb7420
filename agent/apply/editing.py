"""The verb editing: a form is held by one connection at a time, and may be taken over.

free -> held, until who holds it says that it is done, or its connection's process ends -> free
held -> taken over: who held it is told so by the next thing that it asks for the form, also once
        the other one is done, whose work that would undo

The record lies in root's own folder. A connection has a process of its own (Accept=yes), so that
whoever hangs up, is killed or ends lets go of the form without saying so.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping

from agent.ask.serve import Peer
from agent.errors import Fault, InputRefused, NotNow
from agent.settings.declaration import SECTIONS
from agent.system.clock import stamp
from agent.system.files import Files
from agent.system.host import Host
from agent.system.lock import locked
from agent.typed import Any, NamedTuple
from agent.values.json_object import list_of, parse, text_of

FOLDER = "/run/bandstand-editing"
_LOCK = f"{FOLDER}/lock"
_PATIENCE_S = 5.0
_TERMINALS = ("/dev/tty", "/dev/pts/", "/dev/hvc")
# proc_pid_stat(5), after the name, which may hold anything but ends with a bracket.
_STARTED = 19


class Held(NamedTuple):
    """By whom, in words, since when; `holder` is the process of the connection, blank while the
    form is free, `lost` are those that it was taken from.
    """

    who: str = ""
    since: str = ""
    holder: str = ""
    lost: tuple[str, ...] = ()


def edit(
    host: Host, args: Mapping[str, Any], peer: Peer, *, process: int | None = None
) -> dict[str, Any]:
    """args: form, take_over, done. Raises NotNow where another one holds it, naming who."""
    files, form = host.files, _form(args.get("form"))
    own = _holder(files, os.getpid() if process is None else process)
    files.make_folder(FOLDER, mode=0o700)
    with locked(files, _LOCK, timeout_s=_PATIENCE_S, clock=host.clock):
        held = _load(files, form)
        if args.get("done") is True:
            _let_go(files, form, held, own)
            return {"form": form, "since": ""}
        if held.holder == own:
            return {"form": form, "since": held.since}
        if held.holder and args.get("take_over") is not True:
            raise _taken(form, held) if own in held.lost else _busy(form, held)
        lost = dict.fromkeys((*held.lost, held.holder))
        others = tuple(one for one in lost if one not in ("", own))
        made = Held(_who(files, peer), stamp(host.clock.now()), own, others)
        _keep(files, form, made)
    return {"form": form, "since": made.since}


def _let_go(files: Files, form: str, held: Held, own: str) -> None:
    """Nothing where another one holds it, but that nothing is to be told any more."""
    lost = tuple(one for one in held.lost if one != own)
    holder = "" if held.holder == own else held.holder
    if lost or holder:
        _keep(files, form, held._replace(holder=holder, lost=lost))
    else:
        _ = files.remove(_name(form))


def _keep(files: Files, form: str, held: Held) -> None:
    _ = files.write(_name(form), json.dumps(held._asdict()) + "\n", mode=0o600)


def refuse_lost(files: Files, form: str, *, process: int | None = None) -> None:
    """Raises NotNow where the form was taken over from this connection meanwhile."""
    held = _load(files, form)
    if held.lost and _holder(files, os.getpid() if process is None else process) in held.lost:
        raise _taken(form, held)


def _form(found: object) -> str:
    if not isinstance(found, str) or found not in SECTIONS:
        raise InputRefused((Fault("form", f"is no form; accepted is {', '.join(SECTIONS)}"),))
    return found


def _load(files: Files, form: str) -> Held:
    """A holder whose process is gone holds nothing; who is gone needs not be told."""
    try:
        found = parse(files.read(_name(form)) or "{}")
    except ValueError:
        return Held()
    who, since, holder = (text_of(found.get(name)) for name in ("who", "since", "holder"))
    lost = (text_of(one) for one in list_of(found.get("lost")))
    alive = tuple(one for one in lost if _is_alive(files, one))
    return Held(who, since, holder if _is_alive(files, holder) else "", alive)


def _is_alive(files: Files, holder: str) -> bool:
    process = holder.partition(" ")[0]
    return process.isdigit() and _holder(files, int(process)) == holder


def _holder(files: Files, process: int) -> str:
    """A process by its number and when it started, since numbers come again."""
    told = (files.read(f"/proc/{process}/stat") or "").rpartition(")")[2].split()
    return f"{process} {told[_STARTED]}" if len(told) > _STARTED else ""


def _who(files: Files, peer: Peer) -> str:
    line = files.link_to(f"/proc/{peer.pid}/fd/0") or ""
    where = line.removeprefix("/dev/") if line.startswith(_TERMINALS) else f"process {peer.pid}"
    return f"{peer.user} on {where}"


def _busy(form: str, held: Held) -> NotNow:
    return NotNow(
        f"{held.who} edits the form {form}, since {held.since}",
        hint="wait for it, or take the form over",
        code="editing",
    )


def _taken(form: str, held: Held) -> NotNow:
    return NotNow(
        f"the form {form} was taken over by {held.who}, at {held.since}",
        hint="what was typed here is not applied; take the form over again to go on",
        code="taken-over",
    )


def _name(form: str) -> str:
    return f"{FOLDER}/{form}.json"
