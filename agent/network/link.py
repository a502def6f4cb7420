"""The card is called ens32, whatever slot the host gave it; of several the first one is.

udev names it so, by the rule and the links that the image has; the others are left alone. Here is
what holds where there is no such rule, as in a container.
"""

from __future__ import annotations

from collections.abc import Callable

from agent.network.state import INTERFACE
from agent.system.host import Host
from agent.system.netlink import Kernel
from agent.system.netstate import Link

# The driver may still be loading: first boot starts as early as udev does.
_CARD_S = 20.0
# udev renames a card a moment after the driver brought it, and may itself be about to start.
_RENAME_S = 5.0
_UDEV = "/run/udev/control"


def pin(host: Host, open_kernel: Callable[[], Kernel], *, without_ipv6: bool = False) -> None:
    """Wait for the card, give it its name where nobody did, and bring it up.

    No card at all is left to the waits to tell: networkd takes it when it comes.
    """
    with open_kernel() as kernel:

        def any_card() -> Link | None:
            return kernel.link(INTERFACE) or next(iter(cards(kernel)), None)

        card = kernel.wait(any_card, timeout_s=_CARD_S, clock=host.clock)
        if card is not None and card.name != INTERFACE:
            card = _named(host, kernel)
        if card is not None and not card.is_up:
            kernel.leave_advertisements(INTERFACE)
            if without_ipv6:
                # A card that is up has a link-local address at once.
                kernel.switch_ipv6(INTERFACE, on=False)
            kernel.set_up(card.ifindex)


def cards(kernel: Kernel) -> tuple[Link, ...]:
    return tuple(link for link in kernel.links() if link.is_card)


def _named(host: Host, kernel: Kernel) -> Link | None:
    """Where udev runs, which cards are there and which one is ens32 is for it alone to say: the one
    that is seen so far may be on USB, or the second of two.
    """
    limit_s = _CARD_S if host.files.exists(_UDEV) else _RENAME_S
    card = kernel.wait(lambda: kernel.link(INTERFACE), timeout_s=limit_s, clock=host.clock)
    if card is None and not host.files.exists(_UDEV):
        return _rename_only_card(kernel)
    return card


def _rename_only_card(kernel: Kernel) -> Link | None:
    """Of several that udev did not tell apart none is taken by guess: the waits tell of them."""
    found = cards(kernel)
    if len(found) == 1:
        kernel.rename(found[0].ifindex, INTERFACE)
    return kernel.link(INTERFACE)
