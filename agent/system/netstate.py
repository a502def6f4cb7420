"""What the kernel tells of its network: cards, addresses, routes and rules."""

from __future__ import annotations

from ipaddress import (
    IPv4Address,
    IPv4Interface,
    IPv4Network,
    IPv6Address,
    IPv6Interface,
    IPv6Network,
)

from agent.typed import NamedTuple

TABLE_MAIN = 254


class Link(NamedTuple):
    """A network device; `is_card` where it is, or stands for, an Ethernet card;
    `is_virtual` where it only stands for one, as in a container.
    """

    ifindex: int
    name: str
    mac: str
    is_card: bool
    is_up: bool
    has_carrier: bool
    is_virtual: bool = False


class Address(NamedTuple):
    """An address on a device; not usable while the kernel looks for duplicates, or found one.

    `updated` moves on whenever somebody sets the address anew, even to what it was.
    """

    ifindex: int
    interface: IPv4Interface | IPv6Interface
    broadcast: str | None
    is_usable: bool
    is_permanent: bool
    updated: int = 0
    is_duplicate: bool = False

    @property
    def is_global(self) -> bool:
        return not (self.interface.is_link_local or self.interface.is_loopback)


class Route(NamedTuple):
    """A unicast route; `ifindex` is the device, `protocol` who made it (4 is static)."""

    destination: IPv4Network | IPv6Network
    gateway: IPv4Address | IPv6Address | None
    ifindex: int | None
    table: int
    protocol: int
    metric: int

    @property
    def is_default(self) -> bool:
        return self.destination.prefixlen == 0 and self.table == TABLE_MAIN


class Rule(NamedTuple):
    """A routing rule as the kernel keeps it."""

    family: int
    priority: int
    table: int
    source: str
    destination: str
