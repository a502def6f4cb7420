"""Which screen opens by itself, because nobody can go on by the network."""

from __future__ import annotations

from agent.status import words
from agent.values.json_object import object_of, rows_of
from firstboot.console.world import World

_NETWORK = "network"
_UNCONNECTED = frozenset({"no-lease", "no-carrier"})


def wanted(world: World) -> str:
    """`trial` where other settings wait to be kept; `network` where there is no DHCP answer, no
    carrier, or a refused answer; nothing where a login is wanted first.
    """
    if not world.access.is_known or world.access.needs_login or world.is_off:
        return ""
    if world.trial == "waiting":
        return "trial"
    return _NETWORK if _is_refused(world) or _is_unconnected(world) else ""


def _is_refused(world: World) -> bool:
    took = rows_of(world.status.get("fallbacks"))
    return any(words.clean(row.get("category")) == _NETWORK for row in took)


def _is_unconnected(world: World) -> bool:
    codes = {words.clean(row.get("code")) for row in rows_of(world.status.get("faults"))}
    has_address = bool(object_of(world.status.get(_NETWORK)).get("addresses"))
    return not has_address and bool(codes & _UNCONNECTED)
