"""The door to systemd: units and readiness."""

from __future__ import annotations

import os
import socket

from agent.system.files import Files
from agent.system.run import Completed, Run

_UNITS = "/usr/lib/systemd/system"
_LINKS = "/etc/systemd/system"


def is_active(run: Run, unit: str) -> bool:
    return run("systemctl", "is-active", "--quiet", unit, check=False).ok


def runs(files: Files, unit: str) -> bool:
    """Whether a unit is up, seen without a process: systemd keeps a link for each that is."""
    return files.link_to(f"/run/systemd/units/invocation:{unit}") is not None


def enable(files: Files, unit: str, *, wanted_by: str = "multi-user.target") -> bool:
    """As `systemctl enable`, but without making systemd read all its units anew for it."""
    return files.link(f"{_LINKS}/{wanted_by}.wants/{unit}", to=f"{_UNITS}/{unit}")


def disable(files: Files, unit: str, *, wanted_by: str = "multi-user.target") -> bool:
    return files.remove(f"{_LINKS}/{wanted_by}.wants/{unit}")


def is_enabled(files: Files, unit: str, *, wanted_by: str = "multi-user.target") -> bool:
    return files.link_to(f"{_LINKS}/{wanted_by}.wants/{unit}") is not None


def start(run: Run, unit: str, *, wait: bool = True) -> Completed:
    return run("systemctl", "start", *([] if wait else ["--no-block"]), unit)


def stop(run: Run, *units: str) -> Completed:
    return run("systemctl", "stop", *units)


def restart(run: Run, unit: str) -> Completed:
    return run("systemctl", "restart", unit)


def reload_or_restart(run: Run, unit: str) -> Completed:
    return run("systemctl", "reload-or-restart", unit)


def reboot(run: Run) -> Completed:
    return run("systemctl", "--no-block", "reboot")


def soon(run: Run, *argv: str) -> Completed:
    """A program run by systemd itself a second from now: who asks may have answered by then."""
    timer = ("--on-active=1", "--timer-property=AccuracySec=100ms")
    return run("systemd-run", "--quiet", "--collect", *timer, *argv)


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
