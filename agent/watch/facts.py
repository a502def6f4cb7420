"""What files and kernel say of the node now: name, network, certificate, and what is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from agent.accepted import store
from agent.accepted.store import Membership
from agent.errors import Fault
from agent.status import fragment
from agent.status.words import seconds_since
from agent.system import nginx, own
from agent.system.files import Files
from agent.system.host import Host
from agent.values.json_object import rows_of
from agent.watch import network as kernel
from agent.watch.network import Content, Network

_RESTART_NEEDED = "/run/reboot-required"


def facts(host: Host, network: Network) -> Content:
    """The fragment but for the page: what files and kernel say."""
    files = host.files
    names = own.names(files)
    seen = kernel.look(files, network)
    certificate = _certificate(files)
    faults = (*kernel.faults(seen), *_faults(certificate, host.clock.now()))
    return {
        "node": {"name": names[0] if names else ""},
        "network": kernel.told(files, seen),
        "certificate": certificate,
        "restart_needed": _restart_needed(files),
        "faults": [fault.as_json() for fault in faults],
        "over": kernel.over(seen, rows_of(fragment.get(files, "firstboot").get("faults"))),
    }


def _certificate(files: Files) -> Content:
    found = nginx.installed(files)
    if found is None:
        return {}
    accepted = store.load(files)
    is_shared = accepted.membership is not Membership.NONE and "tls.certificate" in accepted.shared
    source = "cluster" if is_shared and found.source == "given" else found.source
    return {**found.as_json(), "source": source}


def _restart_needed(files: Files) -> Content:
    """As the distribution's packages say it; nobody restarts a node but its administrator."""
    packages = (files.read(f"{_RESTART_NEEDED}.pkgs") or "").split()
    because = ", ".join(dict.fromkeys(packages))
    return {"yes": files.exists(_RESTART_NEEDED), "because": because}


def _faults(certificate: Mapping[str, Any], now: datetime) -> tuple[Fault, ...]:
    last = str(certificate.get("not_after", ""))
    gone_s = seconds_since(last, now)
    if gone_s is None or gone_s <= 0:
        return ()
    return (
        Fault(
            "tls.certificate",
            f"the certificate that is served ended on {last.partition('T')[0]}",
            "give a new pair; where it is self-signed, see that the clock is right",
            "certificate-ended",
        ),
    )
