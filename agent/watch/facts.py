"""What files and kernel say of the node now: name, network, certificate, and what is wrong."""

from __future__ import annotations

from agent.accepted import store
from agent.status import fragment
from agent.system import own
from agent.system.clock import built
from agent.system.files import Files
from agent.system.host import Host
from agent.tls import told as tls_told
from agent.values.json_object import rows_of
from agent.watch import network as kernel
from agent.watch.drift import drift
from agent.watch.network import Content, Network

_RESTART_NEEDED = "/run/reboot-required"


def facts(host: Host, network: Network) -> Content:
    """The fragment but for the page: what files and kernel say."""
    files = host.files
    names, now = own.names(files), host.clock.now()
    seen = kernel.look(files, network)
    pairs = {"tls": tls_told.in_force(files, now), "portal": tls_told.portal(files, now)}
    faults = [*kernel.faults(seen), *tls_told.clock_faults(now, built(files))]
    notices: list[str] = []
    for category, found in pairs.items():
        faults += tls_told.faults(found, now, category)
        notices += tls_told.notices(found, category)
    told = kernel.told(files, seen)
    return {
        "node": {
            "name": names[0] if names else "",
            "console": store.load(files).effective().node.console,
        },
        "network": told,
        "certificate": pairs["portal"] or pairs["tls"],
        "restart_needed": _restart_needed(files),
        "faults": [fault.as_json() for fault in faults],
        "notices": notices,
        "drift": drift(files, seen, told["dns"]),
        "over": kernel.over(seen, rows_of(fragment.get(files, "firstboot").get("faults"))),
    }


def _restart_needed(files: Files) -> Content:
    """As the distribution's packages say it; nobody restarts a node but its administrator."""
    packages = (files.read(f"{_RESTART_NEEDED}.pkgs") or "").split()
    because = ", ".join(dict.fromkeys(packages))
    return {"yes": files.exists(_RESTART_NEEDED), "because": because}
