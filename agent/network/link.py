"""The only Ethernet card is called ens32, whatever slot the host gave it."""

from __future__ import annotations

from collections.abc import Callable

from agent.errors import StepFailed
from agent.network.state import INTERFACE
from agent.system.host import Host
from agent.system.netlink import Kernel, Link

# The driver may still be loading: first boot starts as early as udev does.
_CARD_S = 20.0
# udev renames a card a moment after the driver brought it.
_RENAME_S = 5.0


def pin(host: Host, open_kernel: Callable[[], Kernel]) -> None:
    """Wait for the card, give it its name where nobody did, and bring it up.

    No card at all is left to the waits to tell: networkd takes it when it comes.
    """
    with open_kernel() as kernel:

        def any_card() -> bool | None:
            return bool(kernel.link(INTERFACE) or cards(kernel)) or None

        _ = kernel.wait(any_card, timeout_s=_CARD_S, clock=host.clock)
        card = kernel.wait(
            lambda: kernel.link(INTERFACE), timeout_s=_rename_s(kernel), clock=host.clock
        )
        if card is None:
            card = _rename_only_card(kernel)
        if card is not None and not card.is_up:
            kernel.leave_advertisements(INTERFACE)
            kernel.set_up(card.index)


def cards(kernel: Kernel) -> tuple[Link, ...]:
    return tuple(link for link in kernel.links() if link.is_card)


def _rename_s(kernel: Kernel) -> float:
    return _RENAME_S if cards(kernel) else 0.0


def _rename_only_card(kernel: Kernel) -> Link | None:
    found = cards(kernel)
    if len(found) > 1:
        names = ", ".join(sorted(card.name for card in found))
        raise StepFailed(
            f"there are {len(found)} network cards ({names}), and none of them is {INTERFACE}",
            hint="leave the machine one network card",
        )
    for only in found:
        kernel.rename(only.index, INTERFACE)
    return kernel.link(INTERFACE)
