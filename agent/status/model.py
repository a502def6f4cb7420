"""What status.json says, typed; the shape is that of interfaces.md section 5."""

from __future__ import annotations

from enum import StrEnum


class Phase(StrEnum):
    """Where a node stands on its way; the stages of a change, then the cluster."""

    READING = "reading"
    NETWORK = "network"
    NODE = "node"
    TLS = "tls"
    SERVING = "serving"
    FIREWALL = "firewall"
    CLUSTER = "cluster"
    READY = "ready"


class State(StrEnum):
    """How it stands there."""

    WORKING = "working"
    WAITING = "waiting"
    READY = "ready"
    DEGRADED = "degraded"
    FAULT = "fault"


def way_on(setting: str) -> str:
    """What to do about a fault that does not say so itself."""
    if "." in setting:
        return f"bandstand settings explain {setting} says what is accepted"
    return "journalctl -b -u 'bandstand-*' has the details"
