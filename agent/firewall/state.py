"""What the firewall stage finds on a node before it decides."""

from __future__ import annotations

from dataclasses import dataclass

RULES_FILE = "/etc/nftables.conf"


@dataclass(frozen=True)
class Observed:
    """The rules that are kept for the next boot, and whether that boot loads them."""

    text: str | None = None
    is_enabled: bool = False
