"""Verbs that root does itself: nothing changes by them, and a node whose apply is down needs them.

Whoever else asks is answered by bandstand-apply.
"""

from __future__ import annotations

import os
from collections.abc import Callable

from agent.ask import sockets
from agent.ask.wire import call
from agent.system.host import Host
from agent.typed import Any

# CD drives and the host's tools each have their limits, logs take their time.
_PATIENCE_S = 600


def by_root(host: Host, verb: str, directly: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    if os.geteuid() == 0:
        return directly()
    return call(host.files.place(sockets.APPLY), verb, {}, timeout_s=_PATIENCE_S)
