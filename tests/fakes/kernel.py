"""A kernel's network in memory: what is set is there; what comes later comes when it is awaited."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import (
    IPv4Address,
    IPv4Interface,
    IPv4Network,
    IPv6Address,
    IPv6Interface,
    IPv6Network,
    ip_network,
)
from typing import Any

from agent.errors import StepFailed
from agent.system.clock import Clock
from agent.system.neighbours_ipv6 import Claims
from agent.system.netlink import PROTOCOL_STATIC, Found, Gateway, Interface, Kernel, broadcast_of
from agent.system.netstate import TABLE_MAIN, Address, Link, Route

_ANYWHERE = IPv4Network("0.0.0.0/0")
_ANYWHERE_V6 = IPv6Network("::/0")


@dataclass
class Net:
    """The state that outlives each opening of the door; `later` are events, one a wait;
    `rivals` are the MACs of those who have an address already.
    """

    cards: list[Link] = field(default_factory=list[Link])
    held: list[Address] = field(default_factory=list[Address])
    routed: list[Route] = field(default_factory=list[Route])
    later: list[Callable[[], None]] = field(default_factory=list[Callable[[], None]])
    refuses: set[str] = field(default_factory=set[str])
    unadvertised: list[str] = field(default_factory=list[str])
    updates: int = 0
    has_ipv6: bool = True
    rivals: dict[str, str] = field(default_factory=dict[str, str])
    silent: set[str] = field(default_factory=set[str])
    probed: list[str] = field(default_factory=list[str])
    switched_while_up: list[bool] = field(default_factory=list[bool])

    def open(self) -> FakeKernel:
        return FakeKernel(self)

    def plug(self, name: str, *, carrier: bool = True, index: int = 2) -> None:
        self.cards.append(Link(index, name, "00:50:56:ab:cd:ef", True, False, carrier))

    def give(
        self, text: str, *, protocol: int | None = None, permanent: bool = True, index: int = 2
    ) -> None:
        """An address as somebody else would set it; with `protocol`, a route beside it."""
        self.updates += 1
        address = IPv6Interface(text) if ":" in text else IPv4Interface(text)
        brd = broadcast_of(address) if isinstance(address, IPv4Interface) else None
        self.held.append(Address(index, address, brd, True, permanent, self.updates))
        if protocol is not None:
            self.routed.append(Route(_ANYWHERE, None, index, TABLE_MAIN, protocol, 1024))

    @property
    def addresses(self) -> list[str]:
        return [str(one.interface) for one in self.held]

    @property
    def gateways(self) -> list[str]:
        return [str(one.gateway) for one in self.routed]


class FakeClaims(Claims):
    """Knows the rivals without listening."""

    def __init__(self, net: Net) -> None:
        self._net = net

    def __enter__(self) -> FakeClaims:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def of(self, address: IPv4Address | IPv6Address) -> str:
        return self._net.rivals.get(str(address), "")


class FakeKernel(Kernel):
    """The door as the stages use it, over a Net."""

    def __init__(self, net: Net) -> None:
        self.net = net

    def __exit__(self, *_: object) -> None:
        return None

    def links(self) -> tuple[Link, ...]:
        return tuple(self.net.cards)

    def link(self, name: str) -> Link | None:
        return next((card for card in self.net.cards if card.name == name), None)

    def addresses(self, index: int) -> tuple[Address, ...]:
        return tuple(one for one in self.net.held if one.ifindex == index)

    def routes(self) -> tuple[Route, ...]:
        return tuple(self.net.routed)

    def set_up(self, index: int) -> None:
        self._change(index, is_up=True)

    def leave_advertisements(self, name: str) -> None:
        self.net.unadvertised.append(name)

    def rename(self, index: int, name: str) -> None:
        self._change(index, name=name)

    def switch_ipv6(self, name: str, *, on: bool) -> None:
        self.net.switched_while_up.append(any(card.is_up for card in self.net.cards))
        self.net.has_ipv6 = on
        if not on:
            self.net.held = [one for one in self.net.held if one.interface.version == 4]

    def holder(
        self, card: Link, address: IPv4Address, clock: Clock, *, patient: bool = False
    ) -> str:
        self.net.probed.append(f"{address} again" if patient else str(address))
        return self.net.rivals.get(str(address), "")

    def answers(self, card: Link, own: Gateway, other: Gateway, clock: Clock) -> bool:
        return str(other) not in self.net.silent

    def overhearing(self, name: str) -> Claims:
        return FakeClaims(self.net)

    def add_address(self, index: int, interface: Interface) -> None:
        """Found to be somebody else's, or nobody's, in the next wait."""
        self._may("address")
        self.net.give(str(interface), index=index)
        if interface.version == 6:
            self.net.held[-1] = self.net.held[-1]._replace(is_usable=False)
            self.net.later.insert(0, lambda: self._decide(interface))

    def _decide(self, interface: Interface) -> None:
        is_taken = str(interface.ip) in self.net.rivals
        self.net.held = [
            one._replace(is_usable=not is_taken, is_duplicate=is_taken)
            if one.interface == interface
            else one
            for one in self.net.held
        ]

    def remove_address(self, index: int, interface: Interface) -> None:
        self.net.held = [one for one in self.net.held if one.interface != interface]

    def replace_default_route(
        self, index: int, gateway: Gateway, *, protocol: int = PROTOCOL_STATIC
    ) -> None:
        self._may("route")
        anywhere, metric = (_ANYWHERE, 0) if gateway.version == 4 else (_ANYWHERE_V6, 1024)
        self.net.routed = [
            one for one in self.net.routed if (one.destination, one.metric) != (anywhere, metric)
        ]
        self.net.routed.append(Route(anywhere, gateway, index, TABLE_MAIN, protocol, metric))

    def add_route(self, index: int, destination: str, gateway: Gateway, source: Gateway) -> None:
        self._may("route")
        metric = 0 if gateway.version == 4 else 1024
        where = ip_network(destination)
        self.net.routed.append(Route(where, gateway, index, TABLE_MAIN, PROTOCOL_STATIC, metric))

    def remove_route(self, index: int, destination: str, gateway: Gateway) -> None:
        gone = (ip_network(destination), gateway)
        self.net.routed = [one for one in self.net.routed if (one.destination, one.gateway) != gone]

    def remove_default_route(self, index: int, gateway: Gateway) -> None:
        self.net.routed = [one for one in self.net.routed if one.gateway != gateway]

    def wait(
        self, look: Callable[[], Found | None], *, timeout_s: float, clock: Clock
    ) -> Found | None:
        until_s = clock.monotonic_s() + timeout_s
        while True:
            found = look()
            if found is not None:
                return found
            if not self.net.later:
                clock.pause(until_s - clock.monotonic_s())
                return None
            self.net.later.pop(0)()

    def _may(self, what: str) -> None:
        if what in self.net.refuses:
            raise StepFailed(f"the kernel refused the {what}")

    def _change(self, index: int, **changes: Any) -> None:
        self.net.cards = [
            card._replace(**changes) if card.ifindex == index else card for card in self.net.cards
        ]
