"""The verb join: handed on to the agent, which has the node's keys; its steps come back."""

from __future__ import annotations

from collections.abc import Mapping

from agent.apply import editing
from agent.ask import sockets
from agent.ask.serve import TellStep
from agent.ask.wire import call
from agent.errors import Fault, InputRefused
from agent.system.host import Host
from agent.typed import Any

# The longest silence: bringing a configuration in force, behind a first boot that holds the lock.
_PATIENCE_S = 240.0
# The agent comes some seconds after the console does.
_STARTS_WITHIN_S = 10.0


def join(host: Host, args: Mapping[str, Any], tell: TellStep) -> dict[str, Any]:
    """args: join, the string as it was pasted. Raises what the agent says, or the seed."""
    editing.refuse_lost(host.files, "cluster")
    text = args.get("join")
    if not isinstance(text, str) or not text.strip():
        hint = "A member shows one: bandstand cluster token create."
        raise InputRefused((Fault("cluster.join", "is blank; accepted is a join string", hint),))
    return call(
        host.files.place(sockets.AGENT),
        "cluster.join",
        {"join": text},
        on_step=tell,
        timeout_s=_PATIENCE_S,
        starts_within_s=_STARTS_WITHIN_S,
    )
