"""Decide how other settings are tried while those of now stay in force.

A static address, and a gateway for it, stand beside what systemd-networkd set: nothing of that is
touched, so that to take them away is to have it exactly as it was. The gateway of a trial gets the
two halves of all addresses, which go before every default route, also before one that networkd sets
anew when the link comes back.

What only networkd can do (a lease, routers, IPv6 switched) gets a file of the running system that
goes before ours, with the addresses of now in it too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from ipaddress import IPv4Interface, IPv6Interface, ip_address, ip_interface

from agent.network.plan import domains, network_file
from agent.settings.kinds import Ipv6Mode
from agent.settings.network import Network
from agent.typed import Any, NamedTuple
from agent.values.address import Address
from agent.values.json_object import list_of, object_of, text_of

Interface = IPv4Interface | IPv6Interface

_HALVES = {4: ("0.0.0.0/1", "128.0.0.0/1"), 6: ("::/1", "8000::/1")}


class Way(NamedTuple):
    """A route through a gateway, for what begins at `source`."""

    destination: str
    gateway: Address
    source: Address


class Resolving(NamedTuple):
    """Whom systemd-resolved asks for this card, and in which domains."""

    resolvers: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()

    def as_json(self) -> dict[str, list[str]]:
        return {name: list(texts) for name, texts in self._asdict().items()}


class Beside(NamedTuple):
    """What a trial sets; `text` is networkd's file, blank where it is not needed. `is_ipv6_off`
    is None where that stays as it is.
    """

    addresses: tuple[Interface, ...] = ()
    ways: tuple[Way, ...] = ()
    resolving: Resolving | None = None
    text: str = ""
    is_ipv6_off: bool | None = None

    def as_json(self) -> dict[str, Any]:
        return {
            "addresses": [str(one) for one in self.addresses],
            "ways": [[str(part) for part in way] for way in self.ways],
            "resolving": None if self.resolving is None else self.resolving.as_json(),
            "text": self.text,
            "is_ipv6_off": self.is_ipv6_off,
        }


def from_json(found: Mapping[str, Any]) -> Beside:
    """What `as_json` wrote; raises ValueError for anything else."""
    ways = [tuple(text_of(part) for part in list_of(row)) for row in list_of(found.get("ways"))]
    resolving = found.get("resolving")
    is_off = found.get("is_ipv6_off")
    return Beside(
        tuple(ip_interface(text_of(one)) for one in list_of(found.get("addresses"))),
        tuple(Way(to, ip_address(by), ip_address(of)) for to, by, of in ways),
        None if resolving is None else _resolving_of(object_of(resolving)),
        text_of(found.get("text")),
        is_off if isinstance(is_off, bool) else None,
    )


def beside(wanted: Network, former: Network, held: Sequence[Interface]) -> Beside:
    """`held` are the addresses that the card has now."""
    if is_by_networkd(wanted, former):
        is_off = wanted.ipv6 is Ipv6Mode.OFF
        switched = is_off if is_off != (former.ipv6 is Ipv6Mode.OFF) else None
        return Beside(text=_with_both(wanted, held), is_ipv6_off=switched)
    added = tuple(one for one in _addresses(wanted) if one not in held)
    return Beside(added, tuple(_ways(wanted, former)), _resolving(wanted, former))


def is_by_networkd(wanted: Network, former: Network) -> bool:
    """A lease, what routers say, and a card without IPv6 cannot be had beside what is there."""
    if wanted.interface is None:
        return True
    if wanted.ipv6 is former.ipv6:
        return False
    return wanted.ipv6 is not Ipv6Mode.STATIC or former.ipv6 is Ipv6Mode.OFF


def is_to_be_tried(wanted: Network, former: Network) -> bool:
    """Time servers and proxies are none of the card's."""
    return network_file(wanted) != network_file(former)


def _addresses(settings: Network) -> tuple[Interface, ...]:
    return tuple(one for one in (settings.interface, settings.ipv6_address) if one is not None)


def _with_both(wanted: Network, held: Iterable[Interface]) -> str:
    """Who asked may have come by an address of now; of IPv6 only while there is any."""
    new = _addresses(wanted)
    is_off = wanted.ipv6 is Ipv6Mode.OFF
    old = [one for one in held if one not in new and not (is_off and one.version == 6)]
    return network_file(wanted) + "".join(f"\n[Address]\nAddress={one}\n" for one in old)


def _ways(wanted: Network, former: Network) -> Iterable[Way]:
    pairs = (
        (wanted.interface, wanted.gateway_address, former.interface, former.gateway_address),
        (wanted.ipv6_address, wanted.ipv6_gateway, former.ipv6_address, former.ipv6_gateway),
    )
    for address, gateway, old_address, old_gateway in pairs:
        if address is None or gateway is None:
            continue
        if (address, gateway) != (old_address, old_gateway):
            for half in _HALVES[gateway.version]:
                yield Way(half, gateway, address.ip)


def _resolving(wanted: Network, former: Network) -> Resolving | None:
    new, old = (Resolving(tuple(map(str, one.resolvers)), domains(one)) for one in (wanted, former))
    return None if new == old else new


def _resolving_of(found: Mapping[str, Any]) -> Resolving:
    return Resolving(*(tuple(map(text_of, list_of(found.get(one)))) for one in Resolving._fields))
