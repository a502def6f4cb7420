"""The OVF environment as the hypervisor hands it over: through VMware's tools."""

from __future__ import annotations

from agent.errors import CommandFailed
from agent.system.files import Files
from agent.system.host import Host
from agent.system.run import Completed
from agent.typed import NamedTuple

_QUESTION = "info-get guestinfo.ovfEnv"
# vmtoolsd first: the small tool is refused where hosts require the privileged channel.
_READERS = (("vmtoolsd", "--cmd", _QUESTION), ("vmware-rpctool", _QUESTION))
_LIMIT_S = 10.0
# vmtoolsd prints in the character set of its locale, with ? for what that has not.
_LOCALE = {"LC_ALL": "C.UTF-8"}
# The host's own answer to a key that nobody set; what VMware's tools say where there is no host.
_NO_VALUE = "no value found"
_NO_HOST = "unable to send command to vmware hypervisor"
# Some products scrub the environment by writing this; no host has a document so short.
_BLANKS = ("", "null", _NO_VALUE)
# A client may power on first and reconfigure then (ovftool to ESXi with --powerOn does): a host
# that answers, and has no environment, is asked again for so long.
_LATE_S = 5
# VMware's number at pcisig.com: its bridges, graphics and VMCI are in every machine of its hosts,
# also where the firmware names the hardware beneath (SMBIOS.reflectHost).
_VMWARE = "0x15ad"
_DEVICES = "/sys/bus/pci/devices"
# Written by systemd: a container sees its host's devices, or none.
_CONTAINER = "/run/systemd/container"


class Heard(NamedTuple):
    """The document, if there is one, and what was tried. `reader` is the tool whose host answered
    that it has none: it may come yet.
    """

    document: str | None = None
    tried: tuple[str, ...] = ()
    reader: tuple[str, ...] = ()


def is_possible(files: Files) -> bool:
    """Whether there may be a host that answers: no tool is started on a machine without one."""
    if files.exists(_CONTAINER):
        return True
    return any(
        (files.read(f"{device}/vendor") or "").strip() == _VMWARE
        for device in files.names(_DEVICES)
    )


def read(host: Host) -> Heard:
    if not is_possible(host.files):
        return Heard(tried=("guestinfo: no VMware device",))
    tried: list[str] = []
    for argv in _READERS:
        try:
            done = _ask(host, argv)
        except CommandFailed as error:
            tried.append(f"{_name(argv)}: {error.message}")
            continue
        if _holds(done):
            return Heard(done.stdout, (*tried, f"{_name(argv)}: found"))
        tried.append(f"{_name(argv)}: no value")
        said = f"{done.stdout}\n{done.stderr}".lower()
        if _NO_VALUE in said:
            return Heard(tried=tuple(tried), reader=argv)
        if _NO_HOST in said:
            break
    return Heard(tried=tuple(tried))


def read_late(host: Host, reader: tuple[str, ...]) -> Heard:
    """Asks on for a while, through the tool whose host answered."""
    name = _name(reader)
    for second in range(1, _LATE_S + 1):
        host.clock.pause(1.0)
        try:
            done = _ask(host, reader)
        except CommandFailed as error:
            return Heard(tried=(f"{name}: {error.message}",))
        if _holds(done):
            return Heard(done.stdout, (f"{name}: found after {second} s",))
    return Heard(tried=(f"{name}: no value for {_LATE_S} s",))


def _ask(host: Host, argv: tuple[str, ...]) -> Completed:
    return host.run(*argv, check=False, timeout_s=_LIMIT_S, environment=_LOCALE)


def _holds(done: Completed) -> bool:
    return done.ok and done.stdout.strip().strip("\0").lower() not in _BLANKS


def _name(argv: tuple[str, ...]) -> str:
    return f"guestinfo by {argv[0]}"
