"""What the network stage finds on a node before it decides."""

from __future__ import annotations

from dataclasses import dataclass

INTERFACE = "ens32"
NETWORK_FILE = f"/etc/systemd/network/10-bandstand-{INTERFACE}.network"


@dataclass(frozen=True)
class Observed:
    """`foreign` are files of others that configure the card."""

    foreign: tuple[str, ...] = ()
