"""A medium of somebody else's, mounted for as long as it is read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from agent.errors import CommandFailed
from agent.system.host import Host

# The label of a medium that holds answers.
LABEL = "BANDSTAND"
POINT = "/run/bandstand/disc"
LIMIT_S = 30.0

# Not to be trusted with anything, and not to be written to: ext4 would replay its journal.
_OPTIONS = {
    "iso9660": "ro,nosuid,nodev,noexec",
    "vfat": "ro,nosuid,nodev,noexec",
    "ext4": "ro,nosuid,nodev,noexec,noload",
}
ANY = tuple(_OPTIONS)


@contextmanager
def mounted(host: Host, device: str, *kinds: str) -> Iterator[str]:
    """Yields what went wrong; blank where it lies at POINT, which root alone may enter."""
    host.files.make_folder(POINT, mode=0o700)
    problem = ""
    for kind in kinds:
        problem = run(host, "mount", "-t", kind, "-o", _OPTIONS[kind], device, POINT)
        if not problem:
            break
    try:
        yield problem
    finally:
        if not problem:
            _ = run(host, "umount", POINT)


def find(host: Host, *names: str) -> str | None:
    """The first of these files at the top of what is mounted, in whatever case it is written."""
    there = {path.rpartition("/")[2].lower(): path for path in host.files.names(POINT)}
    return next((there[name] for name in names if name in there), None)


def run(host: Host, *argv: str) -> str:
    """What went wrong, in the program's first line; blank when nothing did."""
    try:
        done = host.run(*argv, check=False, timeout_s=LIMIT_S)
    except CommandFailed as error:
        return error.message
    if done.ok:
        return ""
    return (done.stderr.strip().splitlines() or [f"status {done.returncode}"])[0]
