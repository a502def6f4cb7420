"""The verb power: the whole machine restarted or switched off, a moment after the answer."""

from __future__ import annotations

from collections.abc import Mapping

from agent.errors import UsageError
from agent.system import systemd
from agent.system.host import Host
from agent.typed import Any

ACTS = {"restart": "reboot", "off": "poweroff"}


def power(host: Host, args: Mapping[str, Any]) -> dict[str, Any]:
    """Whatever is under way goes on at the next boot, so nothing is waited for."""
    act = args.get("act")
    if not isinstance(act, str) or act not in ACTS:
        raise UsageError("that is nothing to do with the power", hint=f"one of {', '.join(ACTS)}")
    _ = systemd.soon(host.run, "systemctl", ACTS[act])
    return {"act": act}
