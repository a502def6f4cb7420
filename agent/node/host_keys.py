"""SSH host keys of the node's own; without RSA, whose making costs more than the rest of a boot."""

from __future__ import annotations

from agent.node.state import KEY_KINDS
from agent.system.host import Host

_BESIDE = "/run/bandstand/host-key"


def missing(host: Host) -> tuple[str, ...]:
    """Kinds of which either half is not there, or was left empty by a power cut."""
    files = host.files
    return tuple(
        kind
        for kind in KEY_KINDS
        if not (files.read(_file(kind)) and files.read(f"{_file(kind)}.pub"))
    )


def make(host: Host) -> None:
    for kind in missing(host):
        _make(host, kind)


def _make(host: Host, kind: str) -> None:
    """ssh-keygen does not sync; so it writes to memory, and the halves are laid down from there."""
    files = host.files
    files.make_folder(_BESIDE, mode=0o700)
    beside = f"{_BESIDE}/{kind}"
    try:
        _ = host.run("ssh-keygen", "-q", "-t", kind, "-N", "", "-C", "", "-f", files.place(beside))
        _ = files.write(f"{_file(kind)}.pub", files.read(f"{beside}.pub") or "")
        _ = files.write(_file(kind), files.read(beside) or "", mode=0o600)
    finally:
        _ = files.remove(_BESIDE)


def _file(kind: str) -> str:
    return f"/etc/ssh/ssh_host_{kind}_key"
