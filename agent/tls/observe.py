"""What the node is called now, and the pair that it has."""

from __future__ import annotations

from agent.system import nginx, own
from agent.system.clock import built
from agent.system.host import Host
from agent.tls.plan import Live, Observed
from agent.values.address import is_address


def observe(host: Host, reached_at: str | None = None) -> Observed:
    """`reached_at` is what clients call the node where that is none of its own names."""
    names, addresses = own.names(host.files), own.addresses(host.files)
    if reached_at is not None and is_address(reached_at):
        addresses = tuple(dict.fromkeys((*addresses, reached_at)))
    elif reached_at is not None:
        names = tuple(dict.fromkeys((*names, reached_at)))
    return Observed(names, addresses, _live(host), host.clock.now(), built(host.files))


def _live(host: Host) -> Live | None:
    found = nginx.installed(host.files)
    if found is None:
        return None
    return Live(
        found.source, frozenset(found.names), found.not_after, found.origin, found.not_before
    )
