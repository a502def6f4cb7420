"""Have other settings of the card in force beside those of now, verified; and take them away.

probe: carrier, nobody else has the address -> put -> verify: address, gateway, resolvers, seeds
"""

from __future__ import annotations

from collections.abc import Callable, Set
from contextlib import nullcontext
from functools import partial
from ipaddress import IPv4Address, IPv4Interface

from agent.errors import Fault, StepFailed
from agent.network import resolvers, seeds
from agent.network.address import find, ready_card, refuse_duplicate
from agent.network.beside import Beside, Resolving, beside
from agent.network.handover import is_in_force_as, reload_networkd
from agent.network.plan import NetworkPlan
from agent.network.state import INTERFACE, NETWORK_FILE, TOLD_BY_NETWORKD
from agent.settings.network import Network
from agent.system.host import Host
from agent.system.neighbours_ipv6 import Claims
from agent.system.netlink import Interface, Kernel
from agent.system.netstate import Address, Link

# Before ours by its name; below /run, so that no reboot finds it.
TRIAL_FILE = f"/run/systemd/network/05-bandstand-{INTERFACE}-trial.network"
_LOOK_S = 0.05
# The kernel looks for duplicates of an IPv6 address for a second or two.
_USABLE_S = 5.0
_TAKEN_UP_S = 10.0
_LEASE_S = 30.0
_BACK_S = 30.0

OpenKernel = Callable[[], Kernel]


class Trying:
    """On one machine; what it sets is decided by `agent.network.beside`."""

    def __init__(self, host: Host, kernel: OpenKernel = Kernel) -> None:
        self._host, self._open = host, kernel

    def plan(self, wanted: Network, former: Network) -> Beside:
        with self._open() as kernel:
            return beside(wanted, former, _held(kernel, _card(kernel)))

    def probe(self, wanted: Network) -> None:
        """Raises StepFailed where it cannot be tried: without a cable, or for a rival."""
        with self._open() as kernel:
            card = ready_card(kernel, self._host.clock)
            if card is None:
                _ = _card(kernel)
                raise StepFailed(
                    f"{INTERFACE} has no carrier, so that nothing can be tried",
                    hint="connect the network card in the machine's settings, or its cable",
                    code="no-carrier",
                )
            new, held = wanted.interface, _held(kernel, card)
            if new is None or new.ip in {one.ip for one in held}:
                return
            rival = kernel.holder(card, new.ip, self._host.clock, patient=True)
            if rival:
                refuse_duplicate(new, rival)

    def put(self, trial: Beside) -> None:
        if trial.text:
            self._put_file(trial)
            return
        asks_kernel = any(one.version == 6 for one in trial.addresses)
        with (
            self._open() as kernel,
            kernel.overhearing(INTERFACE) if asks_kernel else nullcontext() as claims,
        ):
            index = _card(kernel).ifindex
            for address in trial.addresses:
                kernel.add_address(index, address)
            self._usable(kernel, index, trial, claims)
            for way in trial.ways:
                kernel.add_route(index, way.destination, way.gateway, way.source)
        if trial.resolving is not None:
            self._resolve(trial.resolving)

    def verify(self, wanted: Network) -> tuple[Fault, ...]:
        """Raises StepFailed where it is not in force; what does not answer is for a person to
        judge.
        """
        with self._open() as kernel:
            card = _card(kernel)
            if wanted.interface is None:
                self._wait_for_lease(kernel, card)
            self._wait_for_all(kernel, card, wanted)
            return (
                *self._gateway_faults(kernel, card, wanted),
                *resolvers.silent(wanted.resolvers, self._host.clock, source=_source(wanted)),
                *seeds.no_route(self._host.files, seeds.destinations(wanted, kernel.routes())),
            )

    def stands(self, trial: Beside, wanted: Network) -> bool:
        """Whether it is in force still: who takes the cable out ends a trial."""
        with self._open() as kernel:
            card = _card(kernel)
            routed = {
                str(one.destination) for one in kernel.routes() if one.ifindex == card.ifindex
            }
            is_there = not _missing(kernel, card, wanted)
            return is_there and {way.destination for way in trial.ways} <= routed

    def hand_over(self, trial: Beside) -> None:
        """What stands before networkd's own file goes, as that is about to be written."""
        if trial.resolving is not None:
            self._resolve(None)
        _ = self._host.files.remove(TRIAL_FILE)

    def tidy(self, trial: Beside) -> None:
        """What networkd has no need of, once it keeps the new settings."""
        with self._open() as kernel:
            card = kernel.link(INTERFACE)
            if card is not None:
                _remove_ways(kernel, card.ifindex, trial)

    def take_back(self, trial: Beside, former: NetworkPlan) -> None:
        """As it was before; also where only a part of it was set, and once more."""
        with self._open() as kernel:
            card = kernel.link(INTERFACE)
            if card is not None:
                _remove_ways(kernel, card.ifindex, trial)
                for address in trial.addresses:
                    kernel.remove_address(card.ifindex, address)
            if trial.resolving is not None:
                self._resolve(None)
            if trial.text:
                self._take_file_back(kernel, card, trial, former)

    def _usable(self, kernel: Kernel, index: int, trial: Beside, claims: Claims | None) -> None:
        """A route cannot begin at an address that the kernel still looks for duplicates of."""
        for address in trial.addresses:
            found = kernel.wait(
                partial(_decided, kernel, index, address),
                timeout_s=_USABLE_S,
                clock=self._host.clock,
            )
            if found is not None and found.is_duplicate:
                refuse_duplicate(address, claims.of(address.ip) if claims else "")

    def _resolve(self, resolving: Resolving | None) -> None:
        """By networkd, which gives it to systemd-resolved; None is what its file says."""
        run = self._host.run
        if resolving is None:
            # Where networkd does not run, what it was given is gone with it.
            _ = run("resolvectl", "revert", INTERFACE, check=False)
            return
        _ = run("resolvectl", "dns", INTERFACE, *(resolving.resolvers or ("",)))
        _ = run("resolvectl", "domain", INTERFACE, *(resolving.domains or ("",)))

    def _put_file(self, trial: Beside) -> None:
        files = self._host.files
        with self._open() as kernel:
            index = _card(kernel).ifindex
            if trial.is_ipv6_off is not None:
                kernel.switch_ipv6(INTERFACE, on=not trial.is_ipv6_off)
            _ = files.write(TRIAL_FILE, trial.text)
            reload_networkd(self._host)
            if not self._tells(index, {f"NETWORK_FILE={TRIAL_FILE}"}, _TAKEN_UP_S):
                raise StepFailed(
                    f"systemd-networkd did not take up what is to be tried on {INTERFACE}",
                    hint="networkctl status ens32 tells what it did instead",
                    code="not-settled",
                )

    def _take_file_back(
        self, kernel: Kernel, card: Link | None, trial: Beside, former: NetworkPlan
    ) -> None:
        if trial.is_ipv6_off is not None:
            kernel.switch_ipv6(INTERFACE, on=trial.is_ipv6_off)
        if not self._host.files.remove(TRIAL_FILE) and self._keeps_own(card):
            return
        reload_networkd(self._host)
        settled = {"ADMIN_STATE=configured", f"NETWORK_FILE={NETWORK_FILE}"}
        if card is None or not self._tells(card.ifindex, settled, _BACK_S):
            return

        def is_back() -> bool | None:
            return is_in_force_as(former, kernel, card) or None

        _ = kernel.wait(is_back, timeout_s=_BACK_S, clock=self._host.clock)

    def _keeps_own(self, card: Link | None) -> bool:
        return card is None or NETWORK_FILE in self._told(card.ifindex)

    def _tells(self, index: int, wanted: Set[str], within_s: float) -> bool:
        """What networkd says is a file, which no event of the kernel goes with."""
        clock = self._host.clock
        until_s = clock.monotonic_s() + within_s
        while not wanted <= set(self._told(index).splitlines()):
            if clock.monotonic_s() >= until_s:
                return False
            clock.pause(_LOOK_S)
        return True

    def _told(self, index: int) -> str:
        return self._host.files.read(f"{TOLD_BY_NETWORKD}/{index}") or ""

    def _wait_for_all(self, kernel: Kernel, card: Link, wanted: Network) -> None:
        """What networkd sets comes after it took its file up."""
        there = kernel.wait(
            lambda: not _missing(kernel, card, wanted) or None,
            timeout_s=_USABLE_S,
            clock=self._host.clock,
        )
        if not there:
            missing = _missing(kernel, card, wanted)
            message = f"the kernel does not show {missing} on {INTERFACE}"
            raise StepFailed(message, code="not-in-force")

    def _wait_for_lease(self, kernel: Kernel, card: Link) -> None:
        leased = kernel.wait(
            lambda: _has_lease(kernel, card) or None, timeout_s=_LEASE_S, clock=self._host.clock
        )
        if not leased:
            raise StepFailed(
                f"no DHCP server answered on {INTERFACE} within {_LEASE_S:g} seconds",
                hint="mend the DHCP server, or give the node a static address",
                code="no-lease",
            )

    def _gateway_faults(self, kernel: Kernel, card: Link, wanted: Network) -> tuple[Fault, ...]:
        asked = (
            ("network.gateway", wanted.interface, wanted.gateway_address),
            ("network.ipv6_gateway", wanted.ipv6_address, wanted.ipv6_gateway),
        )
        hint = "see that it is right, and that the gateway is up and on this link"
        return tuple(
            Fault(
                setting,
                f"the gateway {gateway} does not answer on {INTERFACE}",
                hint,
                "gateway-silent",
            )
            for setting, address, gateway in asked
            if address is not None
            and gateway is not None
            and not kernel.answers(card, address.ip, gateway, self._host.clock)
        )


def _source(wanted: Network) -> IPv4Address | None:
    return None if wanted.interface is None else wanted.interface.ip


def _card(kernel: Kernel) -> Link:
    card = kernel.link(INTERFACE)
    if card is None:
        raise StepFailed(
            f"there is no network card {INTERFACE}, so that nothing can be tried",
            hint="give the machine a network card",
            code="no-card",
        )
    return card


def _held(kernel: Kernel, card: Link) -> tuple[Interface, ...]:
    return tuple(one.interface for one in kernel.addresses(card.ifindex) if one.is_global)


def _decided(kernel: Kernel, index: int, wanted: Interface) -> Address | None:
    """Once the kernel has found it to be usable, or somebody else's."""
    address = find(kernel, index, wanted)
    return address if address and (address.is_usable or address.is_duplicate) else None


def _missing(kernel: Kernel, card: Link, wanted: Network) -> str:
    """Those of its addresses that cannot be used, in words."""
    there = {one.interface for one in kernel.addresses(card.ifindex) if one.is_usable}
    asked = (wanted.interface, wanted.ipv6_address)
    return " and ".join(str(one) for one in asked if one is not None and one not in there)


def _has_lease(kernel: Kernel, card: Link) -> bool:
    """A lease ends; the address of before, which stands beside it, does not."""
    return any(
        isinstance(one.interface, IPv4Interface) and one.is_usable and not one.is_permanent
        for one in kernel.addresses(card.ifindex)
    )


def _remove_ways(kernel: Kernel, index: int, trial: Beside) -> None:
    """Before the addresses: those that begin there would go with them, and not be told apart."""
    for way in trial.ways:
        kernel.remove_route(index, way.destination, way.gateway)
