"""Look at who the node is now."""

from __future__ import annotations

import os
from collections.abc import Callable

from agent.node.state import ADMIN, Account, Observed
from agent.system import netlink
from agent.system.files import Files
from agent.system.host import Host

_HASH_KEY = "/var/lib/bandstand/journal/.key"
_KEY_BYTES = 32
_CARD = "ens32"
_UID, _GID, _HOME = 2, 3, 5


def observe(host: Host, *, mac: Callable[[str], str | None] = netlink.mac) -> Observed:
    files = host.files
    return observe_name(host, mac=mac)._replace(
        hosts=files.read("/etc/hosts") or "",
        hash_key=_hash_key(files),
        account=account(files),
        has_password=password_hash(files) is not None,
        is_sudoer=is_sudoer(files),
    )


def observe_name(host: Host, *, mac: Callable[[str], str | None] = netlink.mac) -> Observed:
    """What the name depends on, and nothing else."""
    return Observed(
        mac=mac(_CARD),
        machine_id=(host.files.read("/etc/machine-id") or "").strip(),
        hostname=(host.files.read("/etc/hostname") or "").strip(),
    )


def account(files: Files) -> Account | None:
    fields = _entry(files, "/etc/passwd", ADMIN)
    if len(fields) <= _HOME:
        return None
    return Account(f"{fields[_UID]}:{fields[_GID]}", fields[_HOME])


def password_hash(files: Files) -> str | None:
    """The crypt hash in force; None for a locked or an empty password."""
    fields = _entry(files, "/etc/shadow", ADMIN)
    return fields[1] if len(fields) > 1 and fields[1].startswith("$") else None


def is_sudoer(files: Files) -> bool:
    fields = _entry(files, "/etc/group", "sudo")
    return bool(fields) and ADMIN in fields[-1].split(",")


def _entry(files: Files, table: str, name: str) -> list[str]:
    """The fields of one line of passwd(5), shadow(5) or group(5)."""
    for line in (files.read(table) or "").splitlines():
        if line.startswith(f"{name}:"):
            return line.split(":")
    return []


def _hash_key(files: Files) -> bytes:
    """Made once; without it nobody can try out passwords on the journal's keys."""
    found = files.read_bytes(_HASH_KEY)
    if found is not None and len(found) == _KEY_BYTES:
        return found
    made = os.urandom(_KEY_BYTES)
    _ = files.write(_HASH_KEY, made, mode=0o600)
    return made
