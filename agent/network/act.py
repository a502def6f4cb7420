"""Bring ens32 to its plan: by netlink at once, then by the file that systemd-networkd keeps.

link -> ipv6 (off, or on again) -> address, ipv6_address (static) -> handover
then, beside other stages or after them:
arrival (DHCP: the lease)  settling (static: carrier, and that networkd found it true; rivals)

A card without cable, or a network without DHCP server, is no reason to take the file away again:
what comes later is then taken up by networkd. So those waits are steps apart, which only tell.
"""

from __future__ import annotations

from collections.abc import Callable

from agent.accepted import acts
from agent.network.address import AddressStep
from agent.network.handover import HandoverStep, Introduce, already_known, is_kept
from agent.network.ipv6 import SwitchStep
from agent.network.link import pin
from agent.network.plan import NetworkPlan
from agent.network.state import NETWORK_FILE
from agent.network.wait import (
    look_at_lease,
    look_for_resolvers,
    look_for_seeds,
    wait_for_lease,
    wait_settled,
)
from agent.steps.step import Step, key_of
from agent.system import own
from agent.system.host import Host
from agent.system.netlink import Kernel

OpenKernel = Callable[[], Kernel]
Holds = Callable[[], bool]


def steps(
    plan: NetworkPlan,
    host: Host,
    *,
    kernel: OpenKernel = Kernel,
    introduce: Introduce = already_known,
) -> tuple[Step, ...]:
    """What can be had at once; raises and takes back what the kernel or systemd refuses.

    `introduce` gives the node its name before anybody in the network can ask for it.
    """

    def kept() -> bool:
        return is_kept(plan, host)

    def is_set() -> bool:
        """A done-mark of another boot says nothing about the kernel of this one."""
        wanted = {str(one.ip) for one in (plan.address, plan.ipv6_address) if one is not None}
        return kept() and wanted <= set(own.addresses(host.files))

    def step(name: str, does: SwitchStep | AddressStep | HandoverStep, holds: Holds = kept) -> Step:
        return Step(name, does.act, plan.key, undo=does.undo, holds=holds)

    def link() -> None:
        pin(host, kernel, without_ipv6=plan.is_ipv6_off)

    found = [Step("network.link", link, plan.key, holds=is_set)]
    if plan.is_ipv6_off or plan.was_ipv6_off:
        found.append(step("network.ipv6", SwitchStep(plan, host, kernel)))
    if plan.address is not None:
        ipv4 = AddressStep(plan.address, plan.gateway, kernel, host.clock)
        found.append(step("network.address", ipv4, is_set))
    if plan.ipv6_address is not None:
        ipv6 = AddressStep(plan.ipv6_address, plan.ipv6_gateway, kernel, host.clock)
        found.append(step("network.ipv6_address", ipv6, is_set))
    return (*found, step("network.handover", HandoverStep(plan, host, kernel, introduce)))


def arrival(plan: NetworkPlan, host: Host, *, kernel: OpenKernel = Kernel) -> tuple[Step, ...]:
    """DHCP: wait for the lease; run it right after `steps`, and hold no lock meanwhile."""
    if plan.address is not None:
        return ()

    def has_address() -> bool:
        """A done-mark of another boot says nothing about this one."""
        return bool(own.ipv4_addresses(host.files))

    def wait() -> None:
        wait_for_lease(plan, host, kernel)

    return (Step("network.lease", wait, _key(plan, host), holds=has_address),)


def settling(plan: NetworkPlan, host: Host, *, kernel: OpenKernel = Kernel) -> tuple[Step, ...]:
    """Static: networkd has it as planned; DHCP: nobody else has the lease's address.

    Run it last: by then the one mostly is so, and nothing waits for the other.
    """

    def look() -> None:
        if plan.sets_anything:
            wait_settled(plan, host, kernel)
        if plan.address is None:
            look_at_lease(host, kernel)

    return (Step("network.settled", look, _key(plan, host)),)


def resolving(plan: NetworkPlan, host: Host, *, kernel: OpenKernel = Kernel) -> tuple[Step, ...]:
    """Once for each handover, after everything that waits for the network: whether names can be
    looked up.
    """
    if plan.resolvers == ():
        return ()

    def look() -> None:
        look_for_resolvers(plan, host, kernel)

    # Without an address nobody is asked, and a later boot may have one.
    key = key_of(_key(plan, host), bool(own.addresses(host.files)))
    return (Step("network.resolvers", look, key),)


def seeking(host: Host, *, kernel: OpenKernel = Kernel) -> tuple[Step, ...]:
    """Where a join waits, each time: whether its seeds can be reached."""
    if not acts.pending(host.files):
        return ()

    def look() -> None:
        look_for_seeds(host, kernel)

    return (Step("network.seeds", look, holds=_never),)


def _never() -> bool:
    return False


def _key(plan: NetworkPlan, host: Host) -> str:
    """A wait belongs to one handover: the same plan handed over again is waited for again."""
    return key_of(plan.key, host.files.changed_ns(NETWORK_FILE))
