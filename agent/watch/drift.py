"""Drift: what is accepted for this node, and is not in force now, whoever or whatever did that."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from agent.accepted import store
from agent.settings.declaration import Settings
from agent.settings.kinds import Ipv6Mode
from agent.settings.network import Network
from agent.settings.node import DEFAULT_ZONE
from agent.system import hostname
from agent.system.files import Files
from agent.typed import NamedTuple
from agent.watch.network import Content, Seen
from agent.watch.trial import is_tried

_ZONE, _ZONES = "/etc/localtime", "zoneinfo/"
_NONE = "none"


class Row(NamedTuple):
    """One setting that drifted; both as people write its value."""

    setting: str
    accepted: str
    in_force: str


def drift(files: Files, seen: Seen, resolvers: Iterable[str]) -> list[Content]:
    """As status.json has it; nothing before anything is accepted. A card that is not there or has
    no carrier is a fault and told as one, and what is tried is not accepted yet.
    """
    accepted = store.load(files)
    if not accepted.source:
        return []
    wanted = accepted.effective()
    has_link = seen.card is not None and seen.card.has_carrier
    compares = has_link and not is_tried(files)
    rows = list(_network(wanted.network, seen, tuple(resolvers))) if compares else []
    rows += _node(files, wanted)
    return [row._asdict() for row in rows]


def _network(wanted: Network, seen: Seen, resolvers: tuple[str, ...]) -> Iterator[Row]:
    mode = "static" if wanted.is_static else "dhcp"
    if mode != seen.mode:
        yield Row("network.mode", mode, seen.mode)
    if wanted.interface is not None:
        held = _addresses(seen, 4)
        if str(wanted.interface) not in held:
            yield Row("network.address", str(wanted.interface), _listed(held))
        yield from _way("network.gateway", wanted.gateway_address, seen, 4)
    if wanted.resolvers and not {str(one) for one in wanted.resolvers} <= set(resolvers):
        yield Row("network.dns", _listed(map(str, wanted.resolvers)), _listed(resolvers))
    yield from _ipv6(wanted, seen)


def _ipv6(wanted: Network, seen: Seen) -> Iterator[Row]:
    held = _addresses(seen, 6)
    if wanted.ipv6 is Ipv6Mode.OFF and held:
        yield Row("network.ipv6", wanted.ipv6.value, _listed(held))
    if wanted.ipv6_address is not None:
        if str(wanted.ipv6_address) not in held:
            yield Row("network.ipv6_address", str(wanted.ipv6_address), _listed(held))
        yield from _way("network.ipv6_gateway", wanted.ipv6_gateway, seen, 6)


def _way(setting: str, gateway: object, seen: Seen, version: int) -> Iterator[Row]:
    ways = [str(way.gateway) for way in seen.routes if way.destination.version == version]
    accepted = [] if gateway is None else [str(gateway)]
    if ways != accepted:
        yield Row(setting, _listed(accepted), _listed(ways))


def _addresses(seen: Seen, version: int) -> list[str]:
    found = (one.interface for one in seen.addresses)
    return [str(one) for one in found if one.version == version]


def _node(files: Files, wanted: Settings) -> Iterator[Row]:
    name, zone = hostname.live(files), _zone(files)
    if wanted.node.name is not None and name != wanted.node.name.partition(".")[0]:
        yield Row("node.name", wanted.node.name, name or _NONE)
    if zone != wanted.node.timezone:
        yield Row("node.timezone", wanted.node.timezone, zone or _NONE)


def _zone(files: Files) -> str:
    """Without the link it is UTC, see localtime(5)."""
    found = files.link_to(_ZONE)
    return DEFAULT_ZONE if found is None else found.partition(_ZONES)[2]


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names) or _NONE
