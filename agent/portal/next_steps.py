"""What a person is to do now, for each state a node can be in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agent.portal.health import Health


@dataclass(frozen=True)
class Choice:
    """One way to go on: in words, and the commands that do it."""

    title: str
    text: str
    commands: tuple[str, ...] = ()


@dataclass(frozen=True)
class NextSteps:
    """A sentence, then the ways to go on."""

    summary: str
    choices: tuple[Choice, ...] = ()


_INIT = Choice(
    "This is the first node",
    "Make a new cluster, stored in a PostgreSQL database that you provide. Run on this node, "
    "over SSH or at its console:",
    ("sudo bandstand cluster init",),
)
_JOIN = Choice(
    "Join a cluster that is there",
    "Ask any member of it for a join string; it works once, for 30 minutes. The second command "
    "asks for that string:",
    (
        "sudo bandstand cluster token create   # on the member",
        "sudo bandstand cluster join   # here",
    ),
)
_ADD = Choice(
    "Add another node",
    "Deploy the same OVA again and put a join string into its property cluster.join, or join it "
    "by command. On this node:",
    ("sudo bandstand cluster token create",),
)
_MEND = Choice(
    "Mend what is wrong",
    "Correct the settings named above in the virtual machine's properties or at its console. "
    "To see all of the status on this node:",
    ("bandstand status",),
)


def next_steps(status: Mapping[str, Any], word: Health) -> NextSteps:
    """From the health of a node to what helps it on."""
    mend = (_MEND,) if status.get("faults") else ()
    match word:
        case Health.STARTING:
            return NextSteps("Nothing yet: this node is configuring itself.")
        case Health.JOINING:
            return NextSteps(
                "Nothing yet: this node has a join string and is asking for admission.", mend
            )
        case Health.SETUP:
            return NextSteps("This node is in no cluster yet. Choose one.", (*mend, _INIT, _JOIN))
        case Health.READY:
            return NextSteps("This node is a working member of its cluster.", (_ADD,))
        case Health.DEGRADED:
            return NextSteps("This node runs, but something is wrong with it.", mend or (_MEND,))
