"""The entry of bandstand-apply@.service: one connection on standard input (Accept=yes)."""

from __future__ import annotations

import logging
import socket
import sys

from agent.access.policy import Caller
from agent.access.session import LIMIT_S, Session
from agent.apply.verbs import handle
from agent.ask.serve import Peer, TellStep, answer, peer_of
from agent.ask.wire import Request
from agent.system.host import Host
from agent.typed import Any

# Longer than a login lasts; after that nothing is lost by connecting anew.
IDLE_S = LIMIT_S * 1.5
# Longer than the agent takes a connection for a good one; root's process is not to stay for good.
AGENT_IDLE_S = 120.0


def serve(line: socket.socket, host: Host) -> None:
    """Answer the requests of a connection, one after the other."""
    session = Session(host.clock)

    def act(request: Request, peer: Peer, tell: TellStep) -> dict[str, Any]:
        return handle(host, request, peer, tell, session)

    answer(line, act, idle_s=AGENT_IDLE_S if peer_of(line).user == Caller.AGENT else IDLE_S)


def main() -> int:
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    try:
        line = socket.socket(fileno=sys.stdin.fileno())
    except OSError:
        _ = sys.stderr.write("bandstand-apply is started by its socket, bandstand-apply.socket\n")
        return 2
    with line:
        serve(line, Host())
    return 0


if __name__ == "__main__":
    sys.exit(main())
