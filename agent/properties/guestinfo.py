"""The OVF environment as the hypervisor hands it over: through VMware's tools."""

from __future__ import annotations

from agent.errors import CommandFailed
from agent.system.host import Host

_QUESTION = "info-get guestinfo.ovfEnv"
# vmtoolsd first: the small tool is refused where hosts require the privileged channel.
_READERS = (("vmtoolsd", "--cmd", _QUESTION), ("vmware-rpctool", _QUESTION))
_LIMIT_S = 10.0
# Some products scrub the environment by writing this; no host has a document so short.
_BLANKS = ("", "null", "no value found")


def read(host: Host) -> tuple[str | None, tuple[str, ...]]:
    """The document, if there is one, and what was tried."""
    tried: list[str] = []
    for argv in _READERS:
        name = f"guestinfo by {argv[0]}"
        try:
            done = host.run(*argv, check=False, timeout_s=_LIMIT_S)
        except CommandFailed as error:
            tried.append(f"{name}: {error.message}")
            continue
        if done.ok and done.stdout.strip().strip("\0").lower() not in _BLANKS:
            return done.stdout, (*tried, f"{name}: found")
        tried.append(f"{name}: no value")
    return None, tuple(tried)
