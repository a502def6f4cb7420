"""Wait for what only the network can give: carrier, a lease; told in a sentence when it is not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from ipaddress import IPv4Interface

from agent.errors import Fault, SeveralFailed, StepFailed
from agent.network.address import CARRIER_S, duplicate, find, refuse_duplicate
from agent.network.handover import NETWORKD, is_in_force_as
from agent.network.link import cards
from agent.network.plan import NetworkPlan
from agent.network.state import INTERFACE, NETWORK_FILE, TOLD_BY_NETWORKD
from agent.system import systemd
from agent.system.host import Host
from agent.system.netlink import PROTOCOL_DHCP, Kernel
from agent.system.netstate import Address, Link

# As long as a boot may be held up by a network that is not there, in all.
WAIT_S = 30.0
# networkd takes a card up within a second of its start; where it does not, systemd says why.
_TAKEN_UP_S, _LOOK_S = 5.0, 0.1
_BY_DHCP = " that the DHCP server gave"
_MEND_DHCP = "mend the DHCP server, or give the node a static address"


def wait_for_lease(plan: NetworkPlan, host: Host, open_kernel: Callable[[], Kernel]) -> None:
    """Until ens32 has an address by DHCP; any address will do when the time is over."""
    with open_kernel() as kernel:
        card = _card(kernel)
        left_s = WAIT_S - _waited_s(plan, card)
        leased = kernel.wait(
            lambda: _has_lease(kernel, card) or None, timeout_s=left_s, clock=host.clock
        )
        if leased or _addresses(kernel, card):
            return
        _tell_service(host)
        _tell_carrier(kernel)
        raise StepFailed(
            f"no DHCP server answered on {INTERFACE} within {WAIT_S:g} seconds",
            hint="give the node a static address at the console, or mend the DHCP server:"
            " the node takes a lease whenever one is offered",
            code="no-lease",
        )


def wait_settled(plan: NetworkPlan, host: Host, open_kernel: Callable[[], Kernel]) -> None:
    """Until networkd runs, the card has carrier, and the kernel shows what was planned."""
    with open_kernel() as kernel:
        card = _card(kernel)
        until_s = host.clock.monotonic_s() + _left_s(plan, card)
        _wait_taken_up(host, card, until_s=until_s)
        left_s = until_s - host.clock.monotonic_s()

        def is_true() -> bool | None:
            card = _card(kernel)
            return (card.has_carrier and is_in_force_as(plan, kernel, card)) or None

        if kernel.wait(is_true, timeout_s=left_s, clock=host.clock):
            _tell_all((*_rivals(plan, kernel, host), *_silent_gateways(plan, kernel, host)))
            return
        _tell_carrier(kernel)
        _tell_duplicate(plan, kernel)
        off = "IPv6 off" if plan.is_ipv6_off else None
        wanted = " and ".join(str(one) for one in (plan.address, plan.ipv6_address, off) if one)
        raise StepFailed(
            f"systemd-networkd did not keep {wanted} on {INTERFACE}",
            hint="networkctl status ens32 tells what it did instead",
            code="not-settled",
        )


def _left_s(plan: NetworkPlan, card: Link) -> float:
    """Where the lease was waited for in vain, for want of a cable, that is enough."""
    if plan.address is None and not card.has_carrier:
        return 0.0
    return WAIT_S - _waited_s(plan, card)


def _waited_s(plan: NetworkPlan, card: Link) -> float:
    """Before an address is set its carrier was waited for: a card that has none by now had none."""
    if card.has_carrier:
        return 0.0
    return CARRIER_S * sum(one is not None for one in (plan.address, plan.ipv6_address))


def _wait_taken_up(host: Host, card: Link, *, until_s: float) -> None:
    """Looked for, since a question to systemd would be a process."""
    until_s = min(until_s, host.clock.monotonic_s() + _TAKEN_UP_S)
    while not _is_taken_up(host, card):
        if host.clock.monotonic_s() >= until_s:
            _tell_service(host)
            return
        host.clock.pause(_LOOK_S)


def _is_taken_up(host: Host, card: Link) -> bool:
    """What networkd says itself: the file is in force on the card, or just being put in force."""
    told = host.files.read(f"{TOLD_BY_NETWORKD}/{card.ifindex}") or ""
    states = {"ADMIN_STATE=configured", "ADMIN_STATE=configuring"}
    lines = set(told.splitlines())
    return f"NETWORK_FILE={NETWORK_FILE}" in lines and not lines.isdisjoint(states)


def _card(kernel: Kernel) -> Link:
    card = kernel.link(INTERFACE)
    if card is None:
        others = ", ".join(one.name for one in cards(kernel))
        raise StepFailed(
            f"there is no network card {INTERFACE}" + (f", only {others}" if others else ""),
            hint="give the machine a network card; it is configured when it comes",
            code="no-card",
        )
    return card


def _has_lease(kernel: Kernel, card: Link) -> bool:
    """A lease ends, or at least its routes are marked; a former static address is neither."""
    addresses = [one for one in _addresses(kernel, card) if one.interface.version == 4]
    if any(not one.is_permanent for one in addresses):
        return True
    return bool(addresses) and any(
        route.ifindex == card.ifindex and route.protocol == PROTOCOL_DHCP
        for route in kernel.routes()
    )


def _addresses(kernel: Kernel, card: Link) -> tuple[Address, ...]:
    return tuple(one for one in kernel.addresses(card.ifindex) if one.is_global and one.is_usable)


def _tell_service(host: Host) -> None:
    """Returns at once where it runs, and waits where it is just starting."""
    _ = systemd.start(host.run, NETWORKD)


def _tell_carrier(kernel: Kernel) -> None:
    if not _card(kernel).has_carrier:
        raise StepFailed(
            f"{INTERFACE} has no carrier",
            hint="connect the network card in the machine's settings, or its cable",
            code="no-carrier",
        )


def _tell_duplicate(plan: NetworkPlan, kernel: Kernel) -> None:
    """The kernel looks for one whenever networkd sets an IPv6 address anew."""
    if plan.ipv6_address is not None:
        there = find(kernel, _card(kernel).ifindex, plan.ipv6_address)
        if there is not None and there.is_duplicate:
            refuse_duplicate(plan.ipv6_address, "")


def _rivals(plan: NetworkPlan, kernel: Kernel, host: Host) -> Iterator[Fault]:
    """One that was too slow for the probe before the address was set; by now it is in use."""
    if plan.address is not None:
        rival = kernel.holder(_card(kernel), plan.address.ip, host.clock, patient=True)
        if rival:
            found = duplicate(plan.address, rival)
            yield Fault(found.setting, found.message, found.hint, found.code)


def look_at_lease(host: Host, open_kernel: Callable[[], Kernel]) -> None:
    """A server may give away what somebody has: told, and kept, since there is no better one.

    That networkd declines it (`SendDecline=`) would hold each lease back for seconds.
    """
    with open_kernel() as kernel:
        card = kernel.link(INTERFACE)
        if card is None or not card.has_carrier:
            return
        for one in _addresses(kernel, card):
            if not isinstance(one.interface, IPv4Interface):
                continue
            rival = kernel.holder(card, one.interface.ip, host.clock, patient=True)
            if rival:
                raise duplicate(
                    one.interface, rival, given=_BY_DHCP, hint=_MEND_DHCP, code="duplicate-lease"
                )


def look_for_seeds(host: Host, open_kernel: Callable[[], Kernel]) -> None:
    """A warning, as a gateway may come later; without any address that is what is told."""
    from agent.network import seeds

    with open_kernel() as kernel:
        card = kernel.link(INTERFACE)
        if card is None or not _addresses(kernel, card):
            return
        there = [route.destination for route in kernel.routes()]
        for fault in seeds.no_route(host.files, there):
            raise StepFailed(fault.message, hint=fault.hint, code=fault.code, setting=fault.setting)


def look_for_resolvers(plan: NetworkPlan, host: Host, open_kernel: Callable[[], Kernel]) -> None:
    """A warning, as they may come later; without any address that is what is told."""
    from agent.network import resolvers

    with open_kernel() as kernel:
        card = kernel.link(INTERFACE)
        if card is None or not card.has_carrier:
            return
        held = _addresses(kernel, card)
    asked = plan.resolvers
    if asked is None:
        asked = resolvers.leased(host.files, card.ifindex)
    for fault in resolvers.silent(resolvers.reachable(asked, held), host.clock):
        raise StepFailed(fault.message, hint=fault.hint, code=fault.code, setting=fault.setting)


def _silent_gateways(plan: NetworkPlan, kernel: Kernel, host: Host) -> Iterator[Fault]:
    """A warning: the gateway may come later, and the address is good on its own link."""
    asked = (
        ("network.gateway", plan.address, plan.gateway),
        ("network.ipv6_gateway", plan.ipv6_address, plan.ipv6_gateway),
    )
    for setting, address, gateway in asked:
        if address is None or gateway is None:
            continue
        if not kernel.answers(_card(kernel), address.ip, gateway, host.clock):
            message = f"the gateway {gateway} does not answer on {INTERFACE}; {address} is kept"
            hint = f"see that {setting} is right, and that the gateway is up and on this link"
            yield Fault(setting, message, hint, "gateway-silent")


def _tell_all(faults: tuple[Fault, ...]) -> None:
    if faults:
        raise SeveralFailed(faults)
