"""What the network stage finds on a node before it decides."""

from __future__ import annotations

from typing import NamedTuple

INTERFACE = "ens32"
NETWORK_FILE = f"/etc/systemd/network/10-bandstand-{INTERFACE}.network"


class Observed(NamedTuple):
    """`foreign` are files of others that configure the card."""

    foreign: tuple[str, ...] = ()
