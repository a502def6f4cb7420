"""A static address and its default route, set and verified in the kernel, and taken back."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Address, IPv4Interface

from agent.errors import StepFailed
from agent.network.state import INTERFACE
from agent.system.netlink import PROTOCOL_STATIC, Address, Kernel, Route, broadcast_of


class AddressStep:
    """What is set here is equal to what systemd-networkd will set, so that it finds it true."""

    def __init__(
        self, address: IPv4Interface, gateway: IPv4Address | None, open_kernel: Callable[[], Kernel]
    ) -> None:
        self._address, self._gateway, self._open = address, gateway, open_kernel
        self._added = False
        self._former: tuple[Route, ...] | None = None

    def act(self) -> None:
        with self._open() as kernel:
            card = kernel.link(INTERFACE)
            if card is None:
                return
            self._set_address(kernel, card.ifindex)
            self._set_route(kernel, card.ifindex)
            _verify(kernel, card.ifindex, self._address, self._gateway)

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
        former = kernel.default_routes(index)
        if not any(is_wanted(route, self._gateway) for route in former):
            kernel.replace_default_route(index, self._gateway)
            self._former = former

    def _restore_route(self, kernel: Kernel, index: int) -> None:
        if self._former is None or self._gateway is None:
            return
        kernel.remove_default_route(index, self._gateway)
        for route in self._former:
            if isinstance(route.gateway, IPv4Address) and route.metric == 0:
                kernel.replace_default_route(index, route.gateway, protocol=route.protocol)
        self._former = None


def find(kernel: Kernel, index: int, wanted: IPv4Interface) -> Address | None:
    return next((one for one in kernel.addresses(index) if one.interface == wanted), None)


def is_wanted(route: Route, gateway: IPv4Address) -> bool:
    return route.gateway == gateway and route.protocol == PROTOCOL_STATIC and route.metric == 0


def is_in_force(
    kernel: Kernel, index: int, address: IPv4Interface, gateway: IPv4Address | None
) -> bool:
    """Whether the kernel has the address, usable, and the default route."""
    there = find(kernel, index, address)
    if there is None or not there.is_usable or there.broadcast != broadcast_of(address):
        return False
    return gateway is None or any(is_wanted(one, gateway) for one in kernel.default_routes(index))


def _verify(
    kernel: Kernel, index: int, address: IPv4Interface, gateway: IPv4Address | None
) -> None:
    if not is_in_force(kernel, index, address, gateway):
        through = "" if gateway is None else f" with the gateway {gateway}"
        raise StepFailed(f"the kernel does not show {address}{through} on {INTERFACE}")
