"""The verb status: what is accepted here, and how the node's units stand; never a value."""

from __future__ import annotations

from agent.accepted import store
from agent.apply.restart import UNITS
from agent.system import systemd
from agent.system.host import Host
from agent.typed import Any


def status(host: Host) -> dict[str, Any]:
    accepted = store.load(host.files)
    return {
        "membership": accepted.membership.value,
        "shared": sorted(accepted.shared),
        "source": accepted.source,
        "faults": [fault.as_json() for fault in accepted.faults],
        "units": {unit: systemd.is_active(host.run, unit) for unit in UNITS},
    }
