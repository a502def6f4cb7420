"""Whether a way leads to the seeds of a join that waits; who answers there is its own to see."""

from __future__ import annotations

from agent.accepted import acts, claim
from agent.errors import Fault
from agent.system.files import Files
from agent.system.netlink import Gateway, Kernel

CODE, SETTING = "no-route-to-seed", "network.gateway"


def no_route(files: Files, kernel: Kernel) -> tuple[Fault, ...]:
    """One fault, or none: no seed is given, or one is a name, or the kernel has a route to one."""
    seeds = _waiting(files)
    routes = kernel.routes() if seeds else ()
    if any(seed in route.destination for seed in seeds for route in routes):
        return ()
    if not seeds:
        return ()
    names = ", ".join(map(str, seeds))
    message = f"no route leads to {'any of the seeds' if len(seeds) > 1 else 'the seed'} {names}"
    hint = "give the node a gateway, or an address in a network that has one of them"
    return (Fault(SETTING, message, hint, CODE),)


def is_awaited(files: Files) -> bool:
    """Whether a join waits whose seeds are all addresses."""
    return bool(_waiting(files))


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
