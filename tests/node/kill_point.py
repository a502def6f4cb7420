"""First boot with a point before and after everything that it changes; it dies at the one asked.

A test lays this file into a container, as what bandstand-firstboot starts. A change is a file made,
written to without a stream, synced, renamed, linked, removed or given away, a message sent (to the
kernel for one), a process started, and its end. What lies between two changes only reads: one point
stands for all of it, so that point 1 is before the first change, and each other one after a change
and before the next.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from typing import Any, cast

sys.path += ["/usr/lib/bandstand", "/usr/lib/python3/dist-packages"]

# The number of the point; with 0 they are only counted.
ASKED = "/etc/lab-kill"
# Every point that was passed, the last one in the last line.
PASSED = "/var/lib/lab-points"
# Laid down just before the end.
KILLED = "/var/lib/lab-killed"
# Laid down where it came to its own end: this time there were fewer points than the one asked.
OVER = "/var/lib/lab-over"

_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
# What a stream writes lies between its open and its fchmod, in a file without a name yet; a switch
# of the kernel's is written to at once.
_FILES = (
    "write fsync fdatasync rename replace link symlink unlink remove mkdir rmdir"
    " chmod fchmod chown lchown fchown truncate ftruncate utime"
)
_MESSAGES = "send sendall sendto sendmsg"
_write, _link, _kill = os.write, os.link, os.kill


class Points:
    """Counts, writes down, and kills this process at its number."""

    def __init__(self, asked: int) -> None:
        self._asked, self._passed = asked, 0
        self._log = os.open(PASSED, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self.reach("nothing is done yet")

    def reach(self, what: str) -> None:
        self._passed += 1
        _ = _write(self._log, f"{self._passed} {what}\n".encode())
        if self._passed == self._asked:
            _link(PASSED, KILLED)
            _kill(os.getpid(), signal.SIGKILL)

    def before_the_end(self) -> None:
        """First boot leaves by os._exit: then nothing is left to be killed."""
        leave = os._exit

        def end(status: int) -> None:
            _link(PASSED, OVER)
            leave(status)

        replaced: Any = os
        replaced._exit = end

    def after(
        self,
        owner: Any,
        name: str,
        counts: Callable[..., bool] | None = None,
        did: Callable[[Any], bool] | None = None,
    ) -> None:
        """Put a point behind each call of a function that did not fail, and did something."""
        real = getattr(owner, name)

        def call(*args: Any, **options: Any) -> Any:
            result = real(*args, **options)
            if (counts is None or counts(*args, **options)) and (did is None or did(result)):
                self.reach(f"{name} {' '.join(_word(arg) for arg in args[:2])}")
            return result

        setattr(owner, name, call)


def _word(arg: object) -> str:
    if isinstance(arg, list):
        return " ".join(map(str, cast("list[object]", arg)[:4]))
    is_plain = isinstance(arg, str | int) or hasattr(arg, "__fspath__")
    return str(arg)[:90] if is_plain else type(arg).__name__


def _makes(path: Any, flags: int, *_: Any, **__: Any) -> bool:
    return bool(flags & _WRITES) and str(path) != os.devnull


def _saw_an_end(result: tuple[int, int]) -> bool:
    """A look at a process that still runs changes nothing, and how often one looks is chance."""
    return result[0] != 0


def watch(points: Points) -> None:
    """From here on. Modules that take their own copy of a function are loaded after these."""
    points.after(os, "open", _makes)
    for name in (*_FILES.split(), "posix_spawn"):
        points.after(os, name)
    points.before_the_end()
    points.after(os, "waitpid", did=_saw_an_end)
    import socket
    import subprocess

    points.after(subprocess, "_fork_exec")
    for name in _MESSAGES.split():
        points.after(socket.socket, name)


def main() -> None:
    # With os alone, as long as no point is set: the others are loaded between the points.
    if not os.access(PASSED, os.F_OK):
        asked = os.open(ASKED, os.O_RDONLY)
        watch(Points(int(os.read(asked, 16))))
    from firstboot.__main__ import main as boot

    boot()


if __name__ == "__main__":
    main()
