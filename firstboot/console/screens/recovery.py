"""The ways back: DHCP, the last change, the built-in certificate, a password, a new start."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

from agent.status import words
from agent.steps.trial import LIMIT_S
from agent.typed import Any
from agent.values.json_object import list_of, rows_of
from firstboot.console.screen import Ask, Effect, Open, Say
from firstboot.console.screens import network, trial
from firstboot.console.screens.deeds import Deed, DeedScreen
from firstboot.console.widgets.field import Field
from firstboot.console.widgets.layout import Part
from firstboot.console.widgets.menu import Item
from firstboot.console.widgets.rows import Rows
from firstboot.console.world import World


def _dhcp_again(said: Mapping[str, Any]) -> Effect:
    return Open("trial", said) if said.get("state") == "waiting" else trial.ended(said)


def _settings_again(said: Mapping[str, Any]) -> Effect:
    keys = ", ".join(words.clean(one) for one in list_of(said.get("settings")))
    faults = [words.clean(row.get("message")) for row in rows_of(said.get("faults"))]
    notices = [words.clean(one) for one in list_of(said.get("notices"))]
    return Say("Undone", (f"As before the last change: {keys}.", *faults, *notices))


def _reset(said: Mapping[str, Any]) -> Effect:
    kept = [words.clean(one) for one in list_of(said.get("kept"))]
    return Say("Reset", ("The node forgets its settings and restarts now.", *kept))


_SEEN = Deed(
    Item("seen", "Put the note away", "That recovery was used stands on home until then."),
    Ask("recovery-seen", {}, "The note is put away", 5),
    done="Home does not say any more that recovery was used. The trail keeps it.",
)
_BY_DHCP = {**dict.fromkeys(network.KEYS, ""), "network.mode": network.DHCP}
_ARGS = {"settings": _BY_DHCP, "attended": True, "within_s": LIMIT_S}
_NAME = Field("name", "Name of this node", "Typed in full, as it stands in the upper right corner.")
_DEEDS = (
    Deed(
        Item("dhcp", "DHCP again", "The card asks for an address; tried first, then kept."),
        Ask("network-set", _ARGS, "DHCP is tried", 40),
        ("The card takes its address, gateway and DNS from DHCP.", "It is tried for a minute."),
        told=_dhcp_again,
    ),
    Deed(
        Item("undo", "Undo: network", "The network as it was before the last change of it."),
        Ask("network-undo", {}, "The former settings are put back", 40),
        ("The network becomes what it was before the last change that was kept.",),
        told=trial.ended,
    ),
    Deed(
        Item("settings", "Undo: other settings", "Name, account, more: before the last change."),
        Ask("node-undo", {}, "The former settings are brought in force", 20),
        (
            "What was changed last under Name and account, More settings or Keyboard becomes what "
            "it was before. A password, or another secret, stays as it is.",
        ),
        told=_settings_again,
    ),
    Deed(
        Item("certificate", "Built-in certificate", "The web pages get one of the node's own."),
        Ask("certificate.reset", {}, "The certificate is changed", 20),
        ("The certificate of the web pages becomes one that this node signs itself.",),
        "The built-in certificate is in force. Compare its fingerprint: 5 Code and addresses.",
    ),
    Deed(
        Item("portal", "Restart the portal", "Where the pages do not answer any more."),
        Ask("restart", {"unit": "bandstand-portal.service"}, "The portal is restarted", 15),
        ("The pages /cluster and /admin are away for some seconds.",),
        "The portal runs anew. Home offers its address once it answers.",
    ),
    Deed(
        Item("password", "Reset administrator", "A new password for admin."),
        Open("password"),
    ),
    Deed(
        Item("reset", "Factory reset", "All settings are forgotten; the node starts as new."),
        Ask("factory-reset", {}, "The node is reset", 60),
        (
            "All settings, passwords and certificates of this node are forgotten, and it restarts "
            "as new. What its properties ask for is asked again.",
            "Kept are the software, its updates, logs, and that an act such as joining was done.",
        ),
        told=_reset,
        typed=_NAME,
        is_grave=True,
    ),
)


@dataclass(frozen=True)
class Recovery(DeedScreen):
    """Each is asked back."""

    noun: ClassVar[str] = "recovery"
    title: ClassVar[str] = "Recovery"

    def deeds(self, world: World) -> tuple[Deed, ...]:
        return (*_DEEDS, _SEEN) if world.status.get("recovery") else _DEEDS

    def parts(self, world: World) -> tuple[Part, ...]:
        wrong = Rows("What is wrong", words.faults(world.status))
        menu = replace(self.menu(world), title="Ways back")
        return (wrong, menu) if wrong.rows else (menu,)
