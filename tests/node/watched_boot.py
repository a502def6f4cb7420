"""First boot that writes down every process it starts, and whose memory is to be dumped at its end.

A test lays this file into a container, as what bandstand-firstboot starts. Whoever looks at /proc
from outside misses what lives for a few milliseconds; the interpreter itself misses nothing. When
all is done, a copy of the process, with all that it ever read, dies by SIGABRT: what a kernel may
write down of that is a core dump of first boot.
"""

from __future__ import annotations

import os
import sys
from typing import Any, NoReturn

sys.path += ["/usr/lib/bandstand", "/usr/lib/python3/dist-packages"]

# A line a process: its arguments, and its environment where it is not this one's.
STARTED = "/run/lab-started"
# By which signal the copy died, whether a core was written, and how large one may be.
ABORTED = "/run/lab-aborted"

_STARTS = frozenset({"subprocess.Popen", "os.posix_spawn", "os.exec"})
_leave = os._exit


def watch() -> None:
    log = os.open(STARTED, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def hear(event: str, about: tuple[Any, ...]) -> None:
        if event in _STARTS:
            _ = os.write(log, f"{about!r}\n".encode())

    sys.addaudithook(hear)


def _die_beside(status: int) -> NoReturn:
    import resource

    child = os.fork()
    if child == 0:
        os.abort()
    _, end = os.waitpid(child, 0)
    limits = resource.getrlimit(resource.RLIMIT_CORE)
    told = os.open(ABORTED, os.O_WRONLY | os.O_CREAT, 0o600)
    _ = os.write(told, f"{os.WTERMSIG(end)} {os.WCOREDUMP(end)} {limits}".encode())
    _leave(status)


def main() -> None:
    watch()
    os._exit = _die_beside
    from firstboot.__main__ import main as boot

    boot()


if __name__ == "__main__":
    main()
