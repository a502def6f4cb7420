"""Pictures in text, drawn by the program in recorded situations."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from agent.typed import NamedTuple
from firstboot.console.preview import PASSWORD, At
from firstboot.console.situations import READY, Situation, situations
from firstboot.console.stage import Stage, Still

_TYPED = ("right", "tab", "192.0.2.77/24", "tab", "tab", "192.0.2.1", "tab", "192.0.2.53")
_TO_APPLY = ("tab", "tab", "tab", "tab", "enter")


class Picture(NamedTuple):
    """`told` stands below the title."""

    title: str
    told: str
    stage: Callable[[], Stage]


def on(name: str) -> Stage:
    """By the name of a situation, before anything is pressed."""
    clock = Still()
    found = next(one for one in situations(clock.now()) if one.name == name)
    return Stage(found, clock)


def _summary() -> Stage:
    return on("no dhcp").passed(1).keys(*_TYPED, *_TO_APPLY)


def _trial() -> Stage:
    """Of a node that has both addresses by then."""
    stage = _summary()
    _seen(stage, ["192.0.2.77/24"])
    return stage.keys("enter").passed(18)


def _seen(stage: Stage, addresses: list[str]) -> None:
    network: Mapping[str, object] = {
        **READY["network"],
        "mode": "static",
        "addresses": addresses,
        "address_sources": dict.fromkeys(addresses, "static"),
        "dns": ["192.0.2.53"],
    }
    status = {**READY, "network": network, "url": "https://192.0.2.77/cluster"}
    now: Situation = replace(stage.situation, status=status)
    stage.desk.source = At(now, stage.apply.clock)


PICTURES = (
    Picture(
        "Home, a fresh node with DHCP",
        "What the node is, whether it is well, where to go next. The code is for the browser.",
        lambda: on("fresh").started(),
    ),
    Picture(
        "No DHCP server: the form is there by itself",
        "Cable and lease are live above it. Right takes the fixed address.",
        lambda: on("no dhcp").passed(1),
    ),
    Picture(
        "A refused answer: the form is filled and marked",
        "With what the properties asked for; what is wrong stands below its field.",
        lambda: on("refused").passed(1),
    ),
    Picture("Summary", "Before anything is done: the old, and the new.", _summary),
    Picture(
        "Trial",
        "The new settings are in force beside the old. Enter keeps them; who does nothing has the "
        "old ones back.",
        _trial,
    ),
    Picture("Kept", "Home has the new address by then.", lambda: _trial().keys("enter")),
    Picture(
        "Home of a node that joined", "The menu asks for the password.",
        lambda: on("joined").started(),
    ),
    Picture(
        "Login", "What is typed is not shown, unless one asks for it.",
        lambda: on("joined").started().keys("1"),
    ),
    Picture(
        "Recovery, after it was picked in the boot menu",
        "The network, a new password and the factory reset need no login in that boot.",
        lambda: on("recovery").started().keys("9"),
    ),
    Picture(
        "Factory reset", "One Enter too many does nothing: the name of the node is typed in full.",
        lambda: on("fresh").started().keys("9", "7", "node-1"),
    ),
    Picture(
        "Shell", "On home only while its window is open.",
        lambda: on("shell open").started().keys("c", PASSWORD, "enter"),
    ),
)  # fmt: skip


def drawn() -> Iterable[str]:
    """Each with its title, as Markdown."""
    for one in PICTURES:
        lines = "\n".join(line.rstrip() for line in one.stage().lines())
        yield f"### {one.title}\n{one.told}\n\n```text\n{lines}\n```\n"
