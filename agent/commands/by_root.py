"""Verbs that need root: asked of bandstand-apply, or done by root itself where that is down."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping

from agent.ask import sockets
from agent.ask.line import Line
from agent.ask.serve import Peer
from agent.ask.wire import OnStep, Request, call, unseen
from agent.errors import BandstandError, NotReachable
from agent.system.host import Host
from agent.typed import Any

# CD drives and the host's tools each have their limits, logs take their time.
_PATIENCE_S = 600


def by_root(host: Host, verb: str, directly: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """What only looks, and is written down nowhere: root does it itself in any case."""
    if os.geteuid() == 0:
        return directly()
    return call(host.files.place(sockets.APPLY), verb, {}, timeout_s=_PATIENCE_S)


def recorded(
    host: Host, verb: str, about: Mapping[str, str], act: Callable[[], dict[str, Any]]
) -> dict[str, Any]:
    """What root's command does itself, since apply cannot; the trail has it as if that had."""
    from agent.audit.trail import Deed, record

    def note(ended: str) -> None:
        record(host, Deed(f"root (pid {os.getpid()})", "command", verb, ended, about))

    try:
        result = act()
    except BandstandError as error:
        note(error.code)
        raise
    note("done")
    return result


def ask(
    host: Host,
    verb: str,
    args: Mapping[str, Any],
    *,
    on_step: OnStep = unseen,
    timeout_s: float = _PATIENCE_S,
) -> dict[str, Any]:
    """As apply does it, the trail included, where nobody answers and root asks.

    Once it was asked it is not done again here: nobody knows how far it came.
    """
    with Line(host.files.place(sockets.APPLY), timeout_s=timeout_s, clock=host.clock) as line:
        try:
            line.connect()
        except NotReachable:
            if os.geteuid() != 0:
                raise
            return _directly(host, Request(verb, args), on_step)
        return line.ask(verb, args, on_step=on_step)


def _directly(host: Host, request: Request, on_step: OnStep) -> dict[str, Any]:
    from agent.access.session import Session
    from agent.apply.verbs import handle

    own = Peer(os.getpid(), os.geteuid(), os.getegid())
    return handle(host, request, own, on_step, Session(host.clock))
