"""A factory reset: asked for by bandstand-apply, done here before anything is read.

store.RESET laid -> all of it forgotten -> RESET gone -> first boot

Broken off anywhere, the next boot does it again: each part does nothing where nothing is left, and
RESET goes last. What the stages of a change bring to any settings (services, firewall, what
switches IPv6) is left to them: they take back what they find. docs/recovery.md says what stays.
"""

from __future__ import annotations

from collections.abc import Callable, Set
from contextlib import suppress

from agent.accepted import acts, store, vault
from agent.audit.trail import Deed, record
from agent.errors import BandstandError, Fault
from agent.network.state import NETWORK_FILE
from agent.node import account
from agent.node.ssh import SSHD_FILE
from agent.properties import answers_file
from agent.services import places
from agent.services.forwarding import FOLDER as SPOOL
from agent.system import nginx, systemd
from agent.system.files import Files
from agent.system.host import Host

_STATE = store.RESET.rpartition("/")[0]
_SETTINGS = vault.FOLDER.rpartition("/")[0]
# Of the image, of the operator, and what the services still have to take back.
_KEPT = frozenset(
    {
        f"{_SETTINGS}/release",
        *answers_file.NAMES,
        places.KEYBOARD_FILE,
        places.SYSLOG_FILE,
        *acts.KEPT,
        store.RESET,
    }
)
# systemd's own place for a folder of a user that it makes up.
_SPOOL = SPOOL.replace("/var/lib/", "/var/lib/private/")
_UNNAMED = "bandstand\n"
_SSH = "ssh.service"


def starts_again(host: Host) -> bool:
    """A later boot is no place for it, with everything up: the machine starts once more, and that
    boot is a first one.
    """
    if not host.files.remove(store.CONFIGURED):
        return False
    _ = systemd.reboot(host.run)
    return True


def reset(host: Host) -> tuple[Fault, ...]:
    """What could not be forgotten is told, and is no reason to forget again at every boot."""
    files = host.files
    parts: tuple[tuple[str, Callable[[], object]], ...] = (
        ("the acts that wait", lambda: acts.forget_pending(files)),
        ("the settings and secrets", lambda: _empty(files, _SETTINGS)),
        ("the identity, the journal and the records", lambda: _empty(files, _STATE)),
        ("the certificates", lambda: _forget_web(files)),
        ("the network", lambda: files.remove(NETWORK_FILE)),
        ("the host keys", lambda: _forget_ssh(files)),
        ("the administrator's account", lambda: account.forget(host)),
        ("what waits for the collector", lambda: _remove(files, {SPOOL, _SPOOL})),
        ("the name", lambda: files.write("/etc/hostname", _UNNAMED)),
    )
    faults = tuple(fault for what, forget in parts for fault in _tried(what, forget))
    with suppress(OSError):
        ended = faults[0].code if faults else "done"
        record(host, Deed("root", "firstboot", "factory-reset", ended))
    _ = files.remove(store.RESET)
    return faults


def _tried(what: str, forget: Callable[[], object]) -> tuple[Fault, ...]:
    try:
        _ = forget()
    except (BandstandError, OSError) as error:
        hint = "Take it away by hand, or deploy this node anew."
        said = f"the factory reset could not take away {what}: {error}"
        return (Fault("reset", said, hint, "not-reset"),)
    return ()


def _empty(files: Files, folder: str) -> None:
    """The folders in it stay, as whoever they belong to."""
    for name in files.names(folder):
        _remove(files, set(files.names(name) if files.is_folder(name) else (name,)))


def _remove(files: Files, names: Set[str]) -> None:
    for name in sorted(names - _KEPT):
        _ = files.remove(name)


def _forget_web(files: Files) -> None:
    _ = systemd.disable(files, nginx.UNIT)
    _ = files.remove(nginx.FOLDER)


def _forget_ssh(files: Files) -> None:
    _ = systemd.disable(files, _SSH)
    _remove(files, {SSHD_FILE, *files.names("/etc/ssh", "ssh_host_*")})
