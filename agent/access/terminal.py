"""The shell itself: on a terminal of its own, as the administrator, while its window is open.

systemd ends it with all that it started when the time is over; a login by getty would live on in a
session of its own. No password is asked for there: who starts it has logged in at the console.
"""

from __future__ import annotations

from agent.system.run import Run

UNIT = "bandstand-shell.service"
NUMBER = 2

_SCREEN = 1
_PROPERTIES = (
    "WorkingDirectory=~",
    "Environment=TERM=linux",
    f"TTYPath=/dev/tty{NUMBER}",
    *(f"Standard{line}=tty" for line in ("Input", "Output", "Error")),
    "TTYReset=yes",
    "TTYVHangup=yes",
    "TTYVTDisallocate=yes",
    # As root: who sits there is taken to it, and back.
    f"ExecStartPre=+/usr/bin/chvt {NUMBER}",
    f"ExecStopPost=+/usr/bin/chvt {_SCREEN}",
)


def start(run: Run, *, account: str, limit_s: int) -> None:
    """In the place of one that runs already."""
    stop(run)
    properties = (f"User={account}", f"RuntimeMaxSec={limit_s}", *_PROPERTIES)
    asked = (f"--property={one}" for one in properties)
    _ = run("systemd-run", "--quiet", "--collect", f"--unit={UNIT}", *asked, "/bin/bash", "-l")


def stop(run: Run) -> None:
    """Nothing where none runs."""
    _ = run("systemctl", "stop", UNIT, check=False)
