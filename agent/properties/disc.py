"""The OVF environment on a disc in any CD drive, whatever its label."""

from __future__ import annotations

from agent.errors import CommandFailed
from agent.properties.environment import LARGEST_BYTES
from agent.system.host import Host

_DRIVES = "sr*"
_MOUNT_POINT = "/run/bandstand/disc"
# Lower case: discs without Rock Ridge or Joliet give upper-case names.
_NAMES = ("ovf-env.xml", "ovf_env.xml")
_LIMIT_S = 30.0
_COLD_PLUG = "systemd-udev-trigger.service"
_OPTIONS = "ro,nosuid,nodev,noexec"


def drives(host: Host) -> tuple[str, ...]:
    """The CD drives that the kernel has, once udev has tried every device's driver.

    The wait is taken only here: a node whose properties came through guestinfo never pays for it.
    First boot starts beside udev, so that udev may not yet have been asked to look at all.
    """
    found = host.files.names("/dev", _DRIVES)
    if found:
        return found
    _ = _problem(host, "systemctl", "start", _COLD_PLUG)
    if host.files.exists("/run/udev/control"):
        _ = _problem(host, "udevadm", "settle", f"--timeout={_LIMIT_S:.0f}")
    return host.files.names("/dev", _DRIVES)


def read(host: Host, drive: str) -> tuple[bytes | None, str]:
    """The document on this drive's disc, if there is one, and what was found."""
    host.files.make_folder(_MOUNT_POINT, mode=0o700)
    problem = _problem(host, "mount", "-t", "iso9660", "-o", _OPTIONS, drive, _MOUNT_POINT)
    if problem:
        return None, f"{drive}: no disc that can be read ({problem})"
    try:
        data, said = _document(host)
    except OSError as error:
        data, said = None, f"cannot be read ({error.strerror})"
    finally:
        _ = _problem(host, "umount", _MOUNT_POINT)
    return data, f"{drive}: {said}"


def _document(host: Host) -> tuple[bytes | None, str]:
    for name in host.files.names(_MOUNT_POINT):
        if name.rpartition("/")[2].lower() not in _NAMES:
            continue
        if host.files.path(name).stat().st_size > LARGEST_BYTES:
            return None, f"{name.rpartition('/')[2]} is too large"
        return host.files.read_bytes(name), "found"
    return None, "no ovf-env.xml"


def _problem(host: Host, *argv: str) -> str:
    """What went wrong, in the program's first line; blank when nothing did."""
    try:
        done = host.run(*argv, check=False, timeout_s=_LIMIT_S)
    except CommandFailed as error:
        return error.message
    if done.ok:
        return ""
    return (done.stderr.strip().splitlines() or [f"status {done.returncode}"])[0]
