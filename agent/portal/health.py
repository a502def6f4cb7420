"""One word on whether this node may take requests, for balancers and for the page."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from agent.status.model import Phase, State
from agent.typed import Any
from agent.values.json_object import object_of


class Health(StrEnum):
    """starting -> setup -> joining -> ready <-> degraded"""

    STARTING = "starting"
    SETUP = "setup"
    JOINING = "joining"
    READY = "ready"
    DEGRADED = "degraded"


def health(status: Mapping[str, Any]) -> Health:
    """Ready only as a member that has no fault."""
    belonging = object_of(status.get("cluster")).get("state")
    if status.get("phase") == Phase.CLUSTER and belonging in ("making", "joining"):
        return Health.JOINING
    if not status or status.get("state") in (State.WORKING, State.WAITING):
        return Health.STARTING
    if status.get("phase") not in (Phase.READY, Phase.CLUSTER):
        return Health.STARTING
    match belonging:
        case "member":
            return Health.READY if status.get("state") == State.READY else Health.DEGRADED
        case "making" | "joining":
            return Health.JOINING
        case "failed":
            return Health.DEGRADED
        case _:
            return Health.SETUP
