"""Whether ens32 has IPv6 at all: in the kernel at once, and in a file for when it comes again.

systemd-networkd only ever switches it on: off is what a card comes up with, or stays.
"""

from __future__ import annotations

from collections.abc import Callable

from agent.network.plan import NetworkPlan
from agent.network.state import INTERFACE, SYSCTL_FILE
from agent.system.files import Files
from agent.system.host import Host
from agent.system.netlink import Kernel

_TEXT = f"# Bandstand: network.ipv6 is off.\nnet.ipv6.conf.{INTERFACE}.disable_ipv6 = 1\n"


def is_switched(plan: NetworkPlan, files: Files) -> bool:
    """Whether the file says what is planned; on a node that never had it off, without a look."""
    if plan.is_ipv6_off:
        return files.read(SYSCTL_FILE) == _TEXT
    return not plan.was_ipv6_off


class SwitchStep:
    """IPv6 of the card off, or on again where it was off."""

    def __init__(self, plan: NetworkPlan, host: Host, open_kernel: Callable[[], Kernel]) -> None:
        self._plan, self._host, self._open = plan, host, open_kernel

    def act(self) -> None:
        self._switch(on=not self._plan.is_ipv6_off)

    def undo(self) -> None:
        self._switch(on=not self._plan.was_ipv6_off)

    def _switch(self, *, on: bool) -> None:
        files = self._host.files
        _ = files.remove(SYSCTL_FILE) if on else files.write(SYSCTL_FILE, _TEXT)
        with self._open() as kernel:
            kernel.switch_ipv6(INTERFACE, on=on)
