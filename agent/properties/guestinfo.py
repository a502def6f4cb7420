"""The OVF environment as the hypervisor hands it over: through VMware's tools."""

from __future__ import annotations

from agent.errors import CommandFailed
from agent.system.files import Files
from agent.system.host import Host

_QUESTION = "info-get guestinfo.ovfEnv"
# vmtoolsd first: the small tool is refused where hosts require the privileged channel.
_READERS = (("vmtoolsd", "--cmd", _QUESTION), ("vmware-rpctool", _QUESTION))
_LIMIT_S = 10.0
# Some products scrub the environment by writing this; no host has a document so short.
_BLANKS = ("", "null", "no value found")
# VMware's number at pcisig.com: its bridges, graphics and VMCI are in every machine of its hosts,
# also where the firmware names the hardware beneath (SMBIOS.reflectHost).
_VMWARE = "0x15ad"
_DEVICES = "/sys/bus/pci/devices"
# Written by systemd: a container sees its host's devices, or none.
_CONTAINER = "/run/systemd/container"


def is_possible(files: Files) -> bool:
    """Whether there may be a host that answers: no tool is started on a machine without one."""
    if files.exists(_CONTAINER):
        return True
    return any(
        (files.read(f"{device}/vendor") or "").strip() == _VMWARE
        for device in files.names(_DEVICES)
    )


def read(host: Host) -> tuple[str | None, tuple[str, ...]]:
    """The document, if there is one, and what was tried."""
    if not is_possible(host.files):
        return None, ("guestinfo: no VMware device",)
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
