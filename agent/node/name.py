"""The host name: for the next boot, for the kernel now, and for the node's own look-ups."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from agent.node.plan import NodePlan, full_name
from agent.node.state import Observed
from agent.settings.node import Node
from agent.system import hostname
from agent.system.former import Former
from agent.system.host import Host

Naming = Callable[[str], None]

_NAME_FILE, _HOSTS_FILE = "/etc/hostname", "/etc/hosts"


def name_early(
    settings: Node, observed: Observed, host: Host, *, rename: Naming = hostname.set_live
) -> None:
    """Before the first networkd starts, which tells a DHCP server the name that the kernel has.

    On disk too: else networkd would tell the image's own name after a power cut. Where it cannot be
    done, the stage of the node says so; no network is lost for it.
    """
    name = full_name(settings, observed).partition(".")[0]
    with suppress(OSError):
        _ = host.files.write(_NAME_FILE, f"{name}\n")
        if hostname.live(host.files) != name:
            rename(name)


class NameStep:
    """Both files and the kernel's name; the former ones are remembered."""

    def __init__(self, plan: NodePlan, host: Host, rename: Naming) -> None:
        self._plan, self._host, self._rename = plan, host, rename
        self._former = Former(host.files)
        self._former_live = ""

    def holds(self) -> bool:
        files = self._host.files
        kept = (files.read(_NAME_FILE), files.read(_HOSTS_FILE)) == self._texts
        return kept and hostname.live(files) == self._plan.name

    def act(self) -> None:
        name, hosts = self._texts
        _ = self._former.write(_NAME_FILE, name)
        _ = self._former.write(_HOSTS_FILE, hosts)
        self._former_live = hostname.live(self._host.files)
        if self._former_live != self._plan.name:
            self._rename(self._plan.name)

    def undo(self) -> None:
        self._former.restore()
        if self._former_live and self._former_live != self._plan.name:
            self._rename(self._former_live)

    @property
    def _texts(self) -> tuple[str, str]:
        return f"{self._plan.name}\n", self._plan.hosts
