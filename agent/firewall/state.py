"""What the firewall stage finds on a node before it decides."""

from __future__ import annotations

from agent.typed import NamedTuple

RULES_FILE = "/etc/nftables.conf"


class Observed(NamedTuple):
    """The rules that are kept for the next boot; None where there is no such file."""

    text: str | None = None
