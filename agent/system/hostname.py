"""The door to the kernel's host name."""

from __future__ import annotations

import socket

from agent.system.files import Files

_LIVE = "/proc/sys/kernel/hostname"


def live(files: Files) -> str:
    return (files.read(_LIVE) or "").strip()


def set_live(name: str) -> None:
    """Until the next boot, which reads /etc/hostname."""
    socket.sethostname(name)
