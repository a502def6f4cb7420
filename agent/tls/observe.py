"""What the node is called now, and the pair that it has."""

from __future__ import annotations

from agent.system import nginx, own
from agent.system.clock import built
from agent.system.host import Host
from agent.tls.plan import Live, Observed


def observe(host: Host) -> Observed:
    files = host.files
    return Observed(
        own.names(files), own.addresses(files), _live(host), host.clock.now(), built(files)
    )


def _live(host: Host) -> Live | None:
    found = nginx.installed(host.files)
    if found is None:
        return None
    return Live(
        found.source, frozenset(found.names), found.not_after, found.origin, found.not_before
    )
