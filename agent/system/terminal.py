"""The door to the console's terminal: what it is, and where the kernel's messages go."""

from __future__ import annotations

import fcntl
import os

from agent.errors import CommandFailed

# Numbers of ioctl_console(2), from linux/kd.h.
_KDGKBTYPE = 0x4B33
_TIOCLINUX = 0x541C
_SET_KERNEL_LOG = 11


def is_virtual_terminal(handle: int) -> bool:
    """By the keyboard that only a virtual terminal has; TERM is but a claim."""
    try:
        _ = fcntl.ioctl(handle, _KDGKBTYPE, bytes(1))
    except OSError:
        return False
    return True


def send_kernel_log_to(number: int) -> None:
    """Show kernel messages on virtual terminal `number` and on no other; needs root.

    The terminal is written to first: the kernel keeps to the one in front while the named one
    does not exist yet (tried).
    """
    name = f"/dev/tty{number}"
    try:
        handle = os.open(name, os.O_WRONLY | os.O_NOCTTY | os.O_CLOEXEC)
    except OSError as error:
        raise CommandFailed(f"{name} cannot be opened: {error.strerror}") from error
    try:
        _ = os.write(handle, b"\r\n")
        _ = fcntl.ioctl(handle, _TIOCLINUX, bytes((_SET_KERNEL_LOG, number)))
    except OSError as error:
        raise CommandFailed(f"the kernel's log stays where it is: {error.strerror}") from error
    finally:
        os.close(handle)
