"""What the kernel says of ens32, and of the cards beside it, which are listed and left alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from ipaddress import IPv4Interface, IPv6Interface

from agent.errors import Fault
from agent.network import seeds
from agent.network.state import INTERFACE, NETWORK_FILE
from agent.system.files import Files
from agent.system.netlink import PROTOCOL_DHCP, Gateway
from agent.system.netstate import Address, Link, Route
from agent.typed import Any, NamedTuple, Protocol
from agent.values.json_object import text_of

_RESOLVERS = "/run/systemd/resolve/resolv.conf"
_GIVEN = "Address="
_DUPLICATE = "duplicate-lease"
_GATEWAYS = {4: "network.gateway", 6: "network.ipv6_gateway"}
# With such an address each gateway is beyond the link, and meant to be.
_ALONE = 32

Content = dict[str, Any]


class Network(Protocol):
    """What is wanted of the kernel here: agent.system.netlink.Kernel has it."""

    def links(self) -> tuple[Link, ...]: ...
    def addresses(self, index: int) -> tuple[Address, ...]: ...
    def routes(self) -> tuple[Route, ...]: ...
    def default_routes(self, index: int, version: int = 4) -> tuple[Route, ...]: ...
    def neighbours(self, index: int) -> frozenset[Gateway]: ...
    def fileno(self) -> int: ...
    def drain(self) -> None: ...


class Seen(NamedTuple):
    """`card` is ens32, None where there is none; of it are the usable addresses, the default routes
    with a gateway, the nearest first, and who `answered` on its link. `given` are the addresses in
    the file of systemd-networkd. To `lost_seeds` no route leads from here.
    """

    mode: str
    given: frozenset[str]
    card: Link | None = None
    others: tuple[Link, ...] = ()
    addresses: tuple[Address, ...] = ()
    routes: tuple[Route, ...] = ()
    answered: frozenset[Gateway] = frozenset()
    lost_seeds: bool = False


def look(files: Files, network: Network) -> Seen:
    lines = (files.read(NETWORK_FILE) or "DHCP=ipv4").splitlines()
    mode = "dhcp" if "DHCP=ipv4" in lines else "static"
    given = frozenset(line.removeprefix(_GIVEN) for line in lines if line.startswith(_GIVEN))
    links = network.links()
    card = next((link for link in links if link.name == INTERFACE), None)
    others = tuple(link for link in links if link.is_card and link.name != INTERFACE)
    if card is None:
        return Seen(mode, given, others=others)
    found = network.addresses(card.ifindex)
    both = (network.default_routes(card.ifindex, version) for version in (4, 6))
    ways = [route for routes in both for route in routes if route.gateway is not None]
    return Seen(
        mode,
        given,
        card,
        others,
        tuple(one for one in found if one.is_usable and not one.interface.ip.is_link_local),
        tuple(sorted(ways, key=lambda route: route.metric)),
        network.neighbours(card.ifindex),
        bool(seeds.no_route(files, (route.destination for route in network.routes()))),
    )


def told(files: Files, seen: Seen) -> Content:
    """As status.json has it."""
    sources = {str(one.interface): _source(one, seen) for one in seen.addresses}
    return {
        "interface": INTERFACE,
        "mode": seen.mode,
        "link": _link(seen.card),
        "addresses": sorted(sources, key=_version),
        "address_sources": sources,
        "gateway": next((str(way.gateway) for way in seen.routes if _family(way) == 4), ""),
        "dns": _resolvers(files),
        "other_cards": [_other(files, link) for link in seen.others],
    }


def faults(seen: Seen) -> tuple[Fault, ...]:
    """A DHCP server may name a gateway that is not there; one that answers all the same is good."""
    own = [one.interface for one in seen.addresses if isinstance(one.interface, IPv4Interface)]
    if not own or any(one.network.prefixlen == _ALONE for one in own):
        return ()
    return tuple(
        Fault(
            _GATEWAYS[4],
            f"the gateway {way.gateway} that the DHCP server names is not on the link of {own[0]}",
            "mend the DHCP server, or give the node a static address and its gateway",
            "gateway-off-link",
        )
        for way in seen.routes
        if way.protocol == PROTOCOL_DHCP
        and way.gateway not in seen.answered
        and not any(way.gateway in one.network for one in own)
    )


def over(seen: Seen, standing: Sequence[Mapping[str, Any]] = ()) -> list[dict[str, str]]:
    """The faults of first boot that stand no longer: what it waited for in vain came later, and
    what was wrong with a lease went with it. `standing` are its faults.
    """
    came = {
        "no-card": seen.card is not None,
        "no-carrier": seen.card is not None and seen.card.has_carrier,
        "no-lease": bool(seen.addresses),
    }
    rows = [{"code": code, "setting": "network"} for code, is_here in came.items() if is_here]
    for version, setting in _GATEWAYS.items():
        ways = [way.gateway for way in seen.routes if _family(way) == version]
        if ways and seen.answered.issuperset(ways):
            rows.append({"code": "gateway-silent", "setting": setting})
    if not seen.lost_seeds and any(row.get("code") == seeds.CODE for row in standing):
        rows.append({"code": seeds.CODE, "setting": seeds.SETTING})
    leases = [row for row in standing if row.get("code") == _DUPLICATE]
    if leases and not any(_names(row, seen.addresses) for row in leases):
        rows.append({"code": _DUPLICATE, "setting": "network.address"})
    return rows


def _names(fault: Mapping[str, Any], addresses: Sequence[Address]) -> bool:
    words = text_of(fault.get("message")).split()
    return any(str(one.interface.ip) in words for one in addresses)


def _family(way: Route) -> int:
    return 0 if way.gateway is None else way.gateway.version


def _link(card: Link | None) -> str:
    if card is None:
        return "missing"
    return "up" if card.has_carrier else "down"


def _source(address: Address, seen: Seen) -> str:
    """By the address itself: while a trial runs there are two modes. A router may give one for
    ever, so that its lifetime says nothing. So may a DHCP server; its route tells then.
    """
    if str(address.interface) in seen.given:
        return "static"
    if isinstance(address.interface, IPv6Interface):
        return "ra"
    if not address.is_permanent:
        return "dhcp"
    ends = any(not one.is_permanent for one in seen.addresses if one.interface.version == 4)
    has_route = any(way.protocol == PROTOCOL_DHCP and _family(way) == 4 for way in seen.routes)
    return "dhcp" if has_route and not ends else "static"


def _version(interface: str) -> tuple[bool, str]:
    """IPv4 first: it is what was asked for."""
    return ":" in interface, interface


def _resolvers(files: Files) -> list[str]:
    """Those that systemd-resolved asks, not its own stub."""
    lines = (files.read(_RESOLVERS) or "").splitlines()
    return [line.split()[1] for line in lines if line.startswith("nameserver ")]


def _other(files: Files, link: Link) -> dict[str, str]:
    """Nobody brings it up, so that whether it has a cable is mostly not known."""
    state = _link(link) if link.is_up else "off"
    return {"name": link.name, "mac": link.mac, "driver": _driver(files, link), "link": state}


def _driver(files: Files, link: Link) -> str:
    with suppress(OSError):
        return files.path(f"/sys/class/net/{link.name}/device/driver").readlink().name
    return ""
