"""The verb factory-reset: the node is as new after a restart (firstboot.reset does it there).

as before -> not configured: the next boot is an early one, and changes nothing -> RESET laid -> new

args: name, the node's own, typed by whoever wants it. Cut off before RESET lies there, the node is
as before; after that, it comes up as new.
"""

from __future__ import annotations

from collections.abc import Mapping

from agent.accepted import store
from agent.accepted.store import Membership
from agent.apply.change import PATIENCE_S
from agent.errors import BandstandError, Fault, InputRefused, NotNow, StepFailed
from agent.system import hostname, own, systemd
from agent.system.files import Files
from agent.system.host import Host
from agent.system.lock import locked
from agent.typed import Any
from agent.values.json_object import text_of

KEPT = (
    "The logs and the trail of who asked for what, in /var/log, stay.",
    "An answers file in /etc/bandstand stays, and is read as at first boot.",
    "An act that was done, such as a join by a property, is not done again by the same property.",
)


def reset(host: Host, args: Mapping[str, Any], *, patience_s: float = PATIENCE_S) -> dict[str, Any]:
    """Raises InputRefused on another name, NotNow of a member of a cluster."""
    _check_name(host.files, text_of(args.get("name")))
    with locked(host.files, timeout_s=patience_s):
        if store.load(host.files).membership is Membership.MEMBER:
            raise NotNow(
                "this node is a member of a cluster, whose other nodes count on it",
                hint="a node can be reset once it has left its cluster",
                code="member",
            )
        _ask(host)
    return {"restarts": True, "kept": list(KEPT)}


def _check_name(files: Files, typed: str) -> None:
    names = own.names(files) or (hostname.live(files),)
    if typed.strip().lower() not in {name.lower() for name in names if name}:
        hint = f"This node is called {names[0]}. Nothing was reset."
        said = f"{typed[:60]!r} is not the name of this node" if typed else "is blank"
        raise InputRefused((Fault("name", said, hint, "wrong-name"),))


def _ask(host: Host) -> None:
    files = host.files
    was_configured = files.remove(store.CONFIGURED)
    try:
        _ = files.write(store.RESET, "")
        _ = systemd.soon(host.run, "systemctl", "reboot")
    except (BandstandError, OSError) as error:
        _ = files.remove(store.RESET)
        if was_configured:
            _ = files.write(store.CONFIGURED, "")
        raise StepFailed(f"this node could not be restarted, and is as before: {error}") from error
