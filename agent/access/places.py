"""Where access keeps what it knows, root's alone, and the lock on it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from agent.system.clock import Clock
from agent.system.files import Files
from agent.system.lock import locked

LASTING = "/var/lib/bandstand/access"
# Not below /run/bandstand: that belongs to the agent, who could lay what opens a shell.
FLEETING = "/run/bandstand-access"

_LOCK = f"{FLEETING}/lock"


def write(files: Files, name: str, text: str) -> None:
    """Into one of these folders, which nobody else looks into."""
    folder, _, _ = name.rpartition("/")
    files.make_folder(folder, mode=0o700)
    _ = files.write(name, text, mode=0o600)


@contextmanager
def alone(files: Files, clock: Clock) -> Iterator[None]:
    """For the moment that reading and writing takes; each connection has a process of its own."""
    files.make_folder(FLEETING, mode=0o700)
    with locked(files, _LOCK, clock=clock):
        yield
