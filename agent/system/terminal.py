"""The door to the console's terminal: what it is."""

from __future__ import annotations

import fcntl

# Of ioctl_console(2), from linux/kd.h.
_KDGKBTYPE = 0x4B33


def is_virtual_terminal(handle: int) -> bool:
    """By the keyboard that only a virtual terminal has; TERM is but a claim."""
    try:
        _ = fcntl.ioctl(handle, _KDGKBTYPE, bytes(1))
    except OSError:
        return False
    return True
