"""A member of a cluster keeps the addresses that others reach it by.

The other nodes know it by them, so that one that moved would be lost to them. *Bandstand recovery*
moves it all the same: where it cannot be reached anyhow, there is nothing to lose.
"""

from __future__ import annotations

from collections.abc import Hashable

from agent.accepted.store import Accepted, Membership
from agent.access import recovery
from agent.errors import NotNow
from agent.settings.network import Network
from agent.system.files import Files


def refuse_to_move(files: Files, accepted: Accepted, wanted: Network) -> None:
    """Raises NotNow, code `member`, where `wanted` gives a member other addresses."""
    held = accepted.effective().network
    is_member = accepted.membership is Membership.MEMBER
    if not is_member or _reached_by(wanted) == _reached_by(held) or recovery.is_booted(files):
        return
    raise NotNow(
        "this node is a member of a cluster, whose other nodes reach it by the addresses that it"
        " has: these stay as they are",
        hint="gateway, DNS and domains may be changed; the addresses once it has left its cluster,"
        " or by Bandstand recovery in the boot menu, after which the others do not find it",
        code="member",
    )


def _reached_by(settings: Network) -> tuple[Hashable, ...]:
    """A prefix that was wrong may be mended: the others do not see it."""
    ours, theirs = settings.interface, settings.ipv6_address
    return ours and ours.ip, settings.ipv6, theirs and theirs.ip
