"""Hand the card over to systemd-networkd: its file, nobody else's, and the service from now on."""

from __future__ import annotations

from collections.abc import Callable

from agent.network.address import find, is_in_force
from agent.network.ipv6 import is_switched
from agent.network.observe import foreign
from agent.network.plan import NetworkPlan
from agent.network.state import INTERFACE, NETWORK_FILE
from agent.system import systemd
from agent.system.host import Host
from agent.system.netlink import Kernel
from agent.system.netstate import Link

NETWORKD = "systemd-networkd.service"
_SOCKET = "systemd-networkd.socket"
# networkd removes and sets anew within milliseconds after a reload.
_RELOAD_S = 10.0


Introduce = Callable[[], None]


def already_known() -> None:
    """The node has its name already."""


def is_kept(plan: NetworkPlan, host: Host) -> bool:
    """Whether networkd keeps the plan over a reboot, and nobody else meddles."""
    files = host.files
    return (
        files.read(NETWORK_FILE) == plan.text
        and is_switched(plan, files)
        and systemd.is_enabled(files, NETWORKD)
        and not foreign(files)
    )


def is_in_force_as(plan: NetworkPlan, kernel: Kernel, card: Link) -> bool:
    """Whether the kernel has all that is planned for it."""
    if plan.is_ipv6_off and any(
        one.interface.version == 6 for one in kernel.addresses(card.ifindex)
    ):
        return False
    wanted = ((plan.address, plan.gateway), (plan.ipv6_address, plan.ipv6_gateway))
    return all(
        address is None or is_in_force(kernel, card.ifindex, address, gateway)
        for address, gateway in wanted
    )


class HandoverStep:
    """The former files are remembered, so that it can be taken back. `introduce` is called before
    networkd starts, which from then on tells DHCP servers who the node is.
    """

    def __init__(
        self,
        plan: NetworkPlan,
        host: Host,
        open_kernel: Callable[[], Kernel],
        introduce: Introduce = already_known,
    ) -> None:
        self._plan, self._host, self._open = plan, host, open_kernel
        self._introduce = introduce
        self._former: dict[str, str | None] = {}
        self._enabled = self._started = False

    def act(self) -> None:
        files = self._host.files
        is_first = not systemd.runs(files, NETWORKD)
        if is_first:
            # Before it is enabled, so that a boot that is cut short changes nothing of that.
            self._introduce()
        self._former = {name: files.read(name) for name in (NETWORK_FILE, *self._plan.foreign)}
        changed = files.write(NETWORK_FILE, self._plan.text)
        for name in self._plan.foreign:
            changed = files.remove(name) or changed
        self._enabled = systemd.enable(files, NETWORKD)
        _ = systemd.enable(files, _SOCKET, wanted_by="sockets.target")
        if is_first:
            # What follows does not wait for it: the waits of this room do, at the end.
            _ = systemd.start(self._host.run, NETWORKD, wait=False)
            self._started = True
        elif changed:
            self._reload()

    def undo(self) -> None:
        files = self._host.files
        for name, text in self._former.items():
            _ = files.remove(name) if text is None else files.write(name, text)
        if self._enabled:
            _ = systemd.disable(files, NETWORKD)
            _ = systemd.disable(files, _SOCKET, wanted_by="sockets.target")
        if self._started:
            _ = systemd.stop(self._host.run, NETWORKD, _SOCKET)
        elif self._former:
            self._read_again()
        self._former, self._enabled, self._started = {}, False, False

    def _reload(self) -> None:
        """Wait until networkd has set the address anew: before that, equal means nothing."""
        plan = self._plan
        address = plan.address or plan.ipv6_address
        if address is None:
            self._read_again()
            return
        with self._open() as kernel:
            card = kernel.link(INTERFACE)
            former = None if card is None else find(kernel, card.ifindex, address)
            self._read_again()
            if card is None or former is None:
                return

            def set_anew() -> bool | None:
                there = find(kernel, card.ifindex, address)
                anew = there is not None and there.updated != former.updated
                return True if anew and is_in_force_as(plan, kernel, card) else None

            _ = kernel.wait(set_anew, timeout_s=_RELOAD_S, clock=self._host.clock)

    def _read_again(self) -> None:
        reload_networkd(self._host)


def reload_networkd(host: Host) -> None:
    """It is asked over D-Bus, which on a boot comes later than networkd itself."""
    if not host.run("networkctl", "reload", check=False).ok:
        _ = systemd.restart(host.run, NETWORKD)
