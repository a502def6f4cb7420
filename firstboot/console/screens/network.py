"""The form of the network: what the card is to have, tried before it holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from ipaddress import IPv4Interface
from typing import ClassVar

from agent.errors import InputRefused
from agent.settings.declaration import CORE
from agent.status import words
from agent.status.words import Row
from agent.steps.trial import LIMIT_S
from agent.typed import Any
from agent.values import address
from agent.values.json_object import text_of
from firstboot.console.screen import (
    CANCEL,
    Answer,
    Ask,
    Back,
    FormScreen,
    Open,
    Say,
    Turn,
    say_error,
)
from firstboot.console.screens import judged, trial
from firstboot.console.widgets.field import Choice, Field
from firstboot.console.widgets.form import Button, Form
from firstboot.console.widgets.layout import Part
from firstboot.console.widgets.rows import Rows
from firstboot.console.world import World

DHCP, STATIC = "dhcp", "static"
_MODE, _ADDRESS, _NETMASK = "network.mode", "network.address", "network.netmask"
_GATEWAY, _IPV6 = "network.gateway", "network.ipv6"
KEYS = (
    _MODE, _ADDRESS, _NETMASK, _GATEWAY, "network.dns", "network.domain", "network.search",
    _IPV6, "network.ipv6_address", "network.ipv6_gateway",
)  # fmt: skip
_STATIC_ONLY = (_ADDRESS, _NETMASK, _GATEWAY)
_IPV6_ONLY = ("network.ipv6_address", "network.ipv6_gateway")
_CHOICES = {
    _MODE: (Choice(DHCP, "DHCP"), Choice(STATIC, "fixed address")),
    _IPV6: (
        Choice("auto", "as routers say"),
        Choice(STATIC, "fixed address"),
        Choice("off", "off"),
    ),
}
_BUTTONS = (Button("apply", "Apply"), Button("back", "Back"))
_LABELS = {_MODE: "IPv4"}
_LOAD = Ask("settings", {}, "The accepted settings are read", 5, is_loading=True)
_POINT_TO_POINT = 31
_STAYS = Rows(
    "Worth knowing",
    (Row("Member", "the others reach it by its addresses, which stay as they are"),),
)


def _fields() -> tuple[Field, ...]:
    rows = [row for row in CORE.of("network") if row.key in KEYS]
    return tuple(
        replace(
            judged.field_of(row),
            label=_LABELS.get(row.key, row.label),
            help=row.help if row.key in _CHOICES else judged.field_of(row).help,
            choices=_CHOICES.get(row.key, ()),
        )
        for row in rows
    )


@dataclass(frozen=True)
class NetworkScreen(FormScreen):
    """`accepted` are the texts that hold; `refused` what apply said of texts by key."""

    noun: ClassVar[str] = "network"
    title: ClassVar[str] = "Network"
    form: Form = field(default_factory=lambda: _shaped(Form(_fields(), _BUTTONS, title="ens32")))
    accepted: Mapping[str, str] = field(default_factory=dict[str, str])
    refused: judged.Refused = field(default_factory=dict[str, tuple[str, str]])
    is_member: bool = False
    is_loaded: bool = False

    def holds(self, _: World, /) -> str:
        return "network"

    def load(self) -> tuple[Ask, ...]:
        return (_LOAD,)

    def parts(self, world: World) -> tuple[Part, ...]:
        live, stays = _live(world), self.is_member and not world.access.recovery
        now = (Rows("Now", live),) if live else ()
        return (*now, _STAYS, self.form) if stays else (*now, self.form)

    def judge(self, form: Form, _: World, /) -> Form:
        shaped = _shaped(form)
        faults, missing = judged.faults(wished(shaped), "network.", is_member=self.is_member)
        return judged.with_faults(shaped, faults, missing, self.refused)

    def answered(self, answer: Answer, world: World) -> Turn:
        verb, error = answer.ask.verb, answer.error
        if verb == "settings" and error is None:
            return Turn(self._loaded(answer.result, world))
        if isinstance(error, InputRefused):
            return Turn(self._with_refused(error, world), (judged.say_refused(error, self.form),))
        if error is not None:
            return Turn(self, (say_error(error),))
        if answer.result.get("state") == "waiting":
            given = {**answer.result, "changes": list(self._changes())}
            return Turn(self, (Open("trial", given, is_instead=True),))
        return Turn(self, (Back(), trial.ended(answer.result)))

    def confirmed(self, _name: str, _world: World, /) -> Turn:
        args = {"settings": wished(self.form), "attended": True, "within_s": LIMIT_S}
        return Turn(self, (Ask("network-set", args, "The new settings are set up", 40),))

    def button(self, name: str, world: World) -> Turn:
        if name != "apply":
            return self.leave(world)
        form = self.judge(self.form, world)
        if form.faults:
            return Turn(replace(self, form=form.tried()), (judged.say_faults(form),))
        changes = self._changes()
        if not changes:
            return Turn(self, (Say("Nothing to apply", ("Nothing differs from what holds.",)),))
        ask = "They are tried for a minute; then they are taken back, unless you keep them."
        buttons = (Button("try", "Try it"), CANCEL)
        return Turn(self, (Say("Apply these changes?", (*changes, ask), Form((), buttons)),))

    def leave(self, _: World, /) -> Turn:
        if not self.is_loaded or not self._changes():
            return Turn(self, (Back(),))
        buttons = (Button("", "Stay"), Button("leave", "Drop it"))
        texts = ("What was typed is not applied yet.",)
        return Turn(self, (Say("Leave this form?", texts, Form((), buttons)),))

    def _changes(self) -> tuple[str, ...]:
        old, new = _whole(self.accepted), wished(self.form)
        return tuple(
            f"{one.label}: {one.said(old[one.key])} -> {one.said(new[one.key])}"
            for one in self.form.fields
            if old[one.key] != new[one.key]
        )

    def _loaded(self, said: Mapping[str, Any], world: World) -> NetworkScreen:
        stored = judged.Stored.of(said)
        texts = _whole(stored.wanted("network"))
        made = replace(
            self,
            accepted=stored.accepted,
            refused=judged.refused_of(stored, texts),
            is_member=stored.is_member,
            is_loaded=True,
        )
        form = made.judge(self.form.filled(texts), world)
        return replace(made, form=form.tried() if form.faults else form)

    def _with_refused(self, error: InputRefused, world: World) -> NetworkScreen:
        texts = self.form.texts
        told = {fault.setting: fault.message for fault in error.faults}
        refused = {key: (texts.get(key, ""), message) for key, message in told.items()}
        made = replace(self, refused=refused)
        return replace(made, form=made.judge(self.form, world).tried())


def wished(form: Form) -> dict[str, str]:
    """What is to hold, by key; blank where a hidden field says nothing any more."""
    return {one.key: "" if one.is_hidden else one.text.strip() for one in form.fields}


def derived(text: str, netmask: str) -> str:
    """Network and broadcast of an address; nothing while one of the two cannot be read."""
    try:
        found = address.parse_interface(text)
        if not isinstance(found, IPv4Interface):
            found = IPv4Interface((found, address.parse_netmask(netmask)))
    except ValueError:
        return ""
    network = found.network
    if network.prefixlen >= _POINT_TO_POINT:
        return f"network {network}, no broadcast"
    return f"network {network}, broadcast {network.broadcast_address}"


def _whole(texts: Mapping[str, str]) -> dict[str, str]:
    """Of every key of the form; the choices as they are in effect."""
    found = {key: texts.get(key, "") for key in KEYS}
    is_static = found[_MODE] == STATIC or (found[_MODE] != DHCP and bool(found[_ADDRESS]))
    has_ipv6 = bool(found["network.ipv6_address"]) and found[_IPV6] != "off"
    return {
        **found,
        _MODE: STATIC if is_static else DHCP,
        _IPV6: STATIC if has_ipv6 else found[_IPV6] or "auto",
    }


def _shaped(form: Form) -> Form:
    """Only the fields that count for what is chosen; what follows from the address beside it."""
    texts = form.texts
    note = derived(texts[_ADDRESS], texts[_NETMASK])

    def shaped(one: Field) -> Field:
        is_out = one.key in _STATIC_ONLY and texts[_MODE] != STATIC
        is_out = is_out or (one.key in _IPV6_ONLY and texts[_IPV6] != STATIC)
        is_noted = one.key == (_NETMASK if texts[_NETMASK].strip() else _ADDRESS)
        return replace(one, is_hidden=is_out, note=note if is_noted else "")

    return form.mapped(shaped)


def _live(world: World) -> tuple[Row, ...]:
    rows = world.rows_of("Address", "Gateway", "DNS")
    ways = [f"{row.label.lower()} {row.text}" for row in rows if row.label in ("Gateway", "DNS")]
    addresses = tuple(row for row in rows if row.label not in ("Gateway", "DNS"))
    told = [
        words.clean(fault.get("message"))
        for fault in judged.faults_of(world.status)
        if text_of(fault.get("setting")) == "network"
    ]
    wrong = tuple(Row("Problem", one) for one in told)
    return (*addresses, *((Row("", "  ".join(ways)),) if ways else ()), *wrong)
