"""A network namespace of a test's own, entered by its thread and gone with it."""

from __future__ import annotations

import ctypes
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Timer

_NEW_NETWORK = 0x40000000
_SOON_S = 0.3
_LIBC = ctypes.CDLL(None, use_errno=True)


def _check(result: int) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


@contextmanager
def own_network() -> Iterator[None]:
    """Nothing but a loopback card inside; programs and threads started there stay inside."""
    outside = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    try:
        _check(_LIBC.unshare(_NEW_NETWORK))
        yield
    finally:
        _check(_LIBC.setns(outside, _NEW_NETWORK))
        os.close(outside)


class Rival:
    """Another machine on the cable, in a namespace of its own."""

    def __init__(self, pid: int) -> None:
        self._pid = pid

    def plug(self, card: str) -> None:
        """Takes a card over from the thread's namespace."""
        _ = ip("link", "set", card, "netns", str(self._pid))

    def ip(self, *words: str) -> str:
        return _said("nsenter", f"--net=/proc/{self._pid}/ns/net", "ip", *words)

    @contextmanager
    def soon(self, *words: str) -> Iterator[None]:
        """`ip` with these words a moment after this begins."""
        timer = Timer(_SOON_S, lambda: self.ip(*words))
        timer.start()
        yield
        timer.join()


@contextmanager
def rival() -> Iterator[Rival]:
    with subprocess.Popen(
        ("unshare", "--net", "sh", "-c", "echo; exec cat"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as keeper:
        assert keeper.stdin is not None
        assert keeper.stdout is not None
        assert keeper.stdout.readline()
        try:
            yield Rival(keeper.pid)
        finally:
            keeper.stdin.close()


def ip(*words: str) -> str:
    """The program ip(8), in the namespace that the thread is in."""
    return _said("ip", *words)


def _said(*words: str) -> str:
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(words)}: {done.stderr.strip()}")
    return done.stdout
