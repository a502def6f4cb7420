"""The door to systemd: units and readiness."""

from __future__ import annotations

import os
import socket

from agent.system.run import Completed, Run


def is_active(run: Run, unit: str) -> bool:
    return run("systemctl", "is-active", "--quiet", unit, check=False).ok


def is_enabled(run: Run, unit: str) -> bool:
    return run("systemctl", "is-enabled", "--quiet", unit, check=False).ok


def enable(run: Run, unit: str) -> Completed:
    return run("systemctl", "enable", "--quiet", unit)


def disable(run: Run, unit: str) -> Completed:
    return run("systemctl", "disable", "--quiet", "--now", unit)


def start(run: Run, unit: str, *, wait: bool = True) -> Completed:
    return run("systemctl", "start", *([] if wait else ["--no-block"]), unit)


def restart(run: Run, unit: str) -> Completed:
    return run("systemctl", "restart", unit)


def reload_or_restart(run: Run, unit: str) -> Completed:
    return run("systemctl", "reload-or-restart", unit)


def notify(state: str) -> bool:
    """Tell the service manager, as sd_notify(3) does; False where nobody listens."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return False
    if address.startswith("@"):
        address = "\0" + address[1:]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as line:
        line.connect(address)
        line.sendall(state.encode())
    return True
