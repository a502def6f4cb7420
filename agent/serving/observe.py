"""What nginx serves now, and what its configuration would be made from."""

from __future__ import annotations

from agent.digest import digest
from agent.serving.plan import Observed
from agent.system import nginx, own, render, systemd
from agent.system.host import Host

TEMPLATE = "nginx/nginx.conf.j2"


def observe(host: Host) -> Observed:
    files = host.files
    verified = nginx.target(files, nginx.VERIFIED)
    pair = nginx.installed(files)
    return Observed(
        own.names(files),
        own.addresses(files),
        own.has_ipv6(files),
        digest(render.source(TEMPLATE).encode()),
        nginx.config_key(files),
        nginx.target(files, nginx.LIVE) if pair else "",
        pair.sha256 if pair else "",
        verified,
        # A question to systemd would be a process, and "no" while nginx is on its way up.
        is_running=verified != "" and systemd.runs(files, nginx.UNIT),
    )
