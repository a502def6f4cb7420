"""The door to inotify: wait until something in a folder was replaced, made or removed.

By the C library itself: Python has no module for it, and Debian's bindings bring threads or an
event loop along for what are three calls.
"""

from __future__ import annotations

import ctypes
import os
import select
import signal
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from agent.typed import Self

# Of inotify(7), from sys/inotify.h.
_IN_CLOSE_WRITE = 0x008
_IN_MOVED = 0x040 | 0x080
_IN_CREATE = 0x100
_IN_DELETE = 0x200
_IN_SELF_GONE = 0x400 | 0x800
_EVENTS = _IN_CLOSE_WRITE | _IN_MOVED | _IN_CREATE | _IN_DELETE | _IN_SELF_GONE
_EVENTS_BYTES = 65_536


@contextmanager
def signals() -> Iterator[int]:
    """A descriptor that is readable once a signal came, for the main thread to wait on as well.

    One that comes between two instructions of Python, just before a wait, ends no wait by itself.
    """
    reading, writing = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    former = signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    try:
        yield reading
    finally:
        _ = signal.set_wakeup_fd(former)
        os.close(writing)
        os.close(reading)


class Changes:
    """What happens in a folder from the moment this was made on.

    A folder that is not there yet is waited for by what happens in the nearest one that is. Make a
    new one after each wait: what is watched may have come or gone meanwhile.
    """

    def __init__(self, folder: Path) -> None:
        library = ctypes.CDLL(None, use_errno=True)
        self._handle = _checked(library.inotify_init1(os.O_CLOEXEC | os.O_NONBLOCK), "inotify")
        try:
            self._watch(library, folder)
        except OSError:
            self.close()
            raise

    def _watch(self, library: ctypes.CDLL, folder: Path) -> None:
        for candidate in (folder, *folder.parents):
            try:
                name = os.fsencode(candidate)
                _ = _checked(library.inotify_add_watch(self._handle, name, _EVENTS), str(candidate))
            except (FileNotFoundError, NotADirectoryError):
                continue
            # It may have come between the question and the watch on its parent.
            if candidate == folder or not folder.exists():
                return
            self._watch(library, folder)
            return

    def fileno(self) -> int:
        return self._handle

    def wait(self, timeout_s: float | None = None, *, or_ready: Collection[int] = ()) -> bool:
        """Whether anything happened by then; without a limit it is waited for. It ends too when one
        of these descriptors is readable.
        """
        ready, _, _ = select.select((self._handle, *or_ready), (), (), timeout_s)
        if self._handle in ready:
            self.drain()
        return self._handle in ready

    def drain(self) -> None:
        """Forget what happened so far."""
        try:
            while os.read(self._handle, _EVENTS_BYTES):
                pass
        except BlockingIOError:
            return

    def close(self) -> None:
        os.close(self._handle)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _checked(returned: int, name: str) -> int:
    if returned < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), name)
    return returned
