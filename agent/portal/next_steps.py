"""What a person is to do now, for each state a node can be in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from agent.portal.health import Health
from agent.typed import Any
from agent.values.json_object import object_of


@dataclass(frozen=True)
class Choice:
    """One way to go on: in words, and the commands that do it, each with where or when."""

    title: str
    text: str
    commands: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class NextSteps:
    """A sentence, then the ways to go on."""

    summary: str
    choices: tuple[Choice, ...] = ()


_INIT = Choice(
    "This is the first node",
    "Make a new cluster. It is stored in an empty PostgreSQL database that you provide; its "
    "password is asked for.",
    (
        (
            "On this node, over SSH or at its console",
            "sudo bandstand cluster init --database-host HOST --database-name NAME "
            "--database-user USER",
        ),
    ),
)
_JOIN = Choice(
    "Join a cluster that is there",
    "Any of its members makes a join string, which works once, for 30 minutes.",
    (
        ("On the member", "sudo bandstand cluster token create"),
        ("On this node, which then asks for the string", "sudo bandstand cluster join"),
    ),
)
_ADD = Choice(
    "Add another node",
    "Deploy the same OVA again and put a join string into its property cluster.join, or join it "
    "by command.",
    (("A join string, on this node", "sudo bandstand cluster token create"),),
)
_MEND = Choice(
    "Mend what is wrong",
    "Correct what is named above, as its hint says.",
    (("The whole status, on this node", "bandstand status"),),
)


def next_steps(status: Mapping[str, Any], word: Health) -> NextSteps:
    """From the health of a node to what helps it on."""
    mend = (_MEND,) if status.get("faults") else ()
    match word:
        case Health.STARTING:
            return NextSteps("Nothing yet: this node is configuring itself.")
        case Health.JOINING:
            return NextSteps(f"Nothing yet: {_entering(status)}.", mend)
        case Health.SETUP:
            return NextSteps("This node is in no cluster yet. Choose one.", (*mend, _INIT, _JOIN))
        case Health.READY:
            return NextSteps("This node is a working member of its cluster.", (_ADD,))
        case Health.DEGRADED:
            return NextSteps("This node runs, but something is wrong with it.", mend or (_MEND,))


def _entering(status: Mapping[str, Any]) -> str:
    if object_of(status.get("cluster")).get("state") == "making":
        return "this node is making its cluster, as its properties ask"
    return "this node has a join string or a cluster key and is asking for admission"
