"""Whether a way leads to the seeds of a join that waits; who answers there is the join's to see."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Network, IPv6Network

from agent.accepted import acts, claim
from agent.errors import Fault
from agent.settings.kinds import Ipv6Mode
from agent.settings.network import Network
from agent.system.files import Files
from agent.system.netlink import Gateway
from agent.system.netstate import Route

CODE, SETTING = "no-route-to-seed", "network.gateway"

Destination = IPv4Network | IPv6Network
_ANYWHERE, _ANYWHERE_V6 = IPv4Network("0.0.0.0/0"), IPv6Network("::/0")


def no_route(files: Files, destinations: Iterable[Destination]) -> tuple[Fault, ...]:
    """One fault, or none: no seed is given, or one is a name, or a destination has one in it."""
    seeds = _waiting(files)
    if not seeds:
        return ()
    if any(seed in destination for destination in destinations for seed in seeds):
        return ()
    names = ", ".join(map(str, seeds))
    message = f"no route leads to {'any of the seeds' if len(seeds) > 1 else 'the seed'} {names}"
    hint = "give the node a gateway, or an address in a network that has one of them"
    return (Fault(SETTING, message, hint, CODE),)


def destinations(wanted: Network, routes: Iterable[Route]) -> Iterator[Destination]:
    """Where these settings lead, whatever else is in force beside them; what others are to give
    (a lease, advertisements) is as the kernel has it.
    """
    there = [route.destination for route in routes]
    if wanted.interface is None:
        yield from (one for one in there if one.version == 4)
    else:
        yield wanted.interface.network
        if wanted.gateway_address is not None:
            yield _ANYWHERE
    if wanted.ipv6 is Ipv6Mode.AUTO:
        yield from (one for one in there if one.version == 6)
    elif wanted.ipv6_address is not None:
        yield wanted.ipv6_address.network
        if wanted.ipv6_gateway is not None:
            yield _ANYWHERE_V6


def _waiting(files: Files) -> tuple[Gateway, ...]:
    pending = acts.pending(files)
    text = next((pending[key] for key in (claim.JOIN, claim.KEY) if key in pending), None)
    if text is None:
        return ()
    from ipaddress import ip_address

    from agent.values import join_string

    try:
        return tuple(ip_address(seed.host) for seed in join_string.parse(text.reveal()).seeds)
    except ValueError:
        return ()
