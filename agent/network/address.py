"""A static address and its default route, set and verified in the kernel, and taken back."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Interface, IPv6Interface

from agent.errors import StepFailed
from agent.network.state import INTERFACE
from agent.system.clock import Clock
from agent.system.netlink import PROTOCOL_STATIC, Gateway, Interface, Kernel, broadcast_of
from agent.system.netstate import Address, Link, Route
from agent.typed import NoReturn

# What the kernel makes of a route without one: none for IPv4, and this for IPv6.
_METRIC = {4: 0, 6: 1024}
# Between up and carrier a virtual card takes milliseconds, a real one seconds.
CARRIER_S = 5.0
# The kernel looks for duplicates of an IPv6 address for a second, after up to another one.
_UNIQUE_S = 5.0
_ANOTHER = "give the node another address, or take this one from that machine"


class AddressStep:
    """What is set here is equal to what systemd-networkd will set, so that it finds it true."""

    def __init__(
        self,
        address: Interface,
        gateway: Gateway | None,
        open_kernel: Callable[[], Kernel],
        clock: Clock,
    ) -> None:
        self._address, self._gateway, self._open = address, gateway, open_kernel
        self._clock = clock
        self._added = False
        self._former: tuple[Route, ...] | None = None

    def act(self) -> None:
        with self._open() as kernel:
            card = kernel.link(INTERFACE)
            if card is None:
                return
            is_proven = True
            if isinstance(self._address, IPv6Interface):
                is_proven = self._set_and_prove(kernel, card)
            else:
                self._refuse_rival(kernel, card.ifindex, self._address)
                self._set_address(kernel, card.ifindex)
            self._set_route(kernel, card.ifindex)
            self._verify(kernel, card.ifindex, proven=is_proven)

    def undo(self) -> None:
        """Routes first: one through a gateway outlives the address that reached it."""
        with self._open() as kernel:
            card = kernel.link(INTERFACE)
            if card is None:
                return
            self._restore_route(kernel, card.ifindex)
            if self._added:
                kernel.remove_address(card.ifindex, self._address)
                self._added = False

    def _refuse_rival(self, kernel: Kernel, index: int, address: IPv4Interface) -> None:
        """Asked before it is set, for an address that is not there already."""
        if find(kernel, index, address) is not None:
            return
        card = ready_card(kernel, self._clock)
        rival = "" if card is None else kernel.holder(card, address.ip, self._clock)
        if rival:
            refuse_duplicate(address, rival)

    def _set_and_prove(self, kernel: Kernel, card: Link) -> bool:
        """The kernel itself looks for duplicates, once there is carrier; whether it could."""
        # Else what a router says could displace the gateway.
        kernel.leave_advertisements(INTERFACE)
        with kernel.overhearing(INTERFACE) as claims:
            self._set_address(kernel, card.ifindex)
            if ready_card(kernel, self._clock) is None:
                return False
            found = kernel.wait(
                lambda: _decided(find(kernel, card.ifindex, self._address)),
                timeout_s=_UNIQUE_S,
                clock=self._clock,
            )
            if found is not None and found.is_duplicate:
                refuse_duplicate(self._address, claims.of(self._address.ip))
        return True

    def _set_address(self, kernel: Kernel, index: int) -> None:
        there = find(kernel, index, self._address)
        if there is not None and there.broadcast == broadcast_of(self._address):
            return
        if there is not None:
            kernel.remove_address(index, self._address)
        self._added = there is None
        kernel.add_address(index, self._address)

    def _set_route(self, kernel: Kernel, index: int) -> None:
        if self._gateway is None:
            return
        former = kernel.default_routes(index, self._gateway.version)
        if not any(is_wanted(route, self._gateway) for route in former):
            kernel.replace_default_route(index, self._gateway)
            self._former = former

    def _restore_route(self, kernel: Kernel, index: int) -> None:
        if self._former is None or self._gateway is None:
            return
        kernel.remove_default_route(index, self._gateway)
        for route in self._former:
            if route.gateway is not None and route.metric == _METRIC[route.gateway.version]:
                kernel.replace_default_route(index, route.gateway, protocol=route.protocol)
        self._former = None

    def _verify(self, kernel: Kernel, index: int, *, proven: bool) -> None:
        if not is_in_force(kernel, index, self._address, self._gateway, proven=proven):
            through = "" if self._gateway is None else f" with the gateway {self._gateway}"
            raise StepFailed(f"the kernel does not show {self._address}{through} on {INTERFACE}")


def ready_card(kernel: Kernel, clock: Clock) -> Link | None:
    """The card once it has carrier: without, nobody can be asked, and nobody be disturbed."""

    def look() -> Link | None:
        card = kernel.link(INTERFACE)
        return card if card is not None and card.has_carrier else None

    return kernel.wait(look, timeout_s=CARRIER_S, clock=clock)


def _decided(address: Address | None) -> Address | None:
    """Once the kernel has found it to be usable, or somebody else's."""
    return address if address and (address.is_usable or address.is_duplicate) else None


def find(kernel: Kernel, index: int, wanted: Interface) -> Address | None:
    return next((one for one in kernel.addresses(index) if one.interface == wanted), None)


def is_wanted(route: Route, gateway: Gateway) -> bool:
    is_plain = route.protocol == PROTOCOL_STATIC and route.metric == _METRIC[gateway.version]
    return is_plain and route.gateway == gateway


def is_in_force(
    kernel: Kernel, index: int, address: Interface, gateway: Gateway | None, *, proven: bool = True
) -> bool:
    """Whether the kernel has the address, usable if it is `proven`, and the default route."""
    there = find(kernel, index, address)
    if there is None or there.broadcast != broadcast_of(address):
        return False
    if proven and not there.is_usable:
        return False
    if gateway is None:
        return True
    return any(is_wanted(one, gateway) for one in kernel.default_routes(index, gateway.version))


def refuse_duplicate(address: Interface, rival: str) -> NoReturn:
    raise duplicate(address, rival)


def duplicate(
    address: Interface,
    rival: str,
    *,
    given: str = "",
    hint: str = _ANOTHER,
    code: str = "duplicate-address",
) -> StepFailed:
    by = f"by the network card {rival}" if rival else "by another machine"
    return StepFailed(
        f"the address {address.ip}{given} is in use on this network already, {by}",
        hint=hint,
        code=code,
        setting="network.address" if address.version == 4 else "network.ipv6_address",
    )
