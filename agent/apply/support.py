"""The verb support: a bundle in its own folder; a file of one's choice is for root's command."""

from __future__ import annotations

from agent.support.bundle import make
from agent.system.host import Host
from agent.typed import Any


def support(host: Host) -> dict[str, Any]:
    return make(host).as_json()
