"""The verb restart: one of the node's own units, no other."""

from __future__ import annotations

from collections.abc import Mapping

from agent.errors import UsageError
from agent.system import systemd
from agent.system.host import Host
from agent.typed import Any

UNITS = (
    "bandstand-agent.service",
    "bandstand-console.service",
    "bandstand-portal.service",
    "chrony.service",
    "nginx.service",
)


def restart(host: Host, args: Mapping[str, Any]) -> dict[str, Any]:
    """Returns once the unit runs anew."""
    unit = args.get("unit")
    if unit not in UNITS:
        raise UsageError("this unit is not restarted on request", hint=f"one of {', '.join(UNITS)}")
    _ = systemd.restart(host.run, str(unit))
    return {"unit": unit, "restarted": True}
