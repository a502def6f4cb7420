"""What the network stage finds on a node before it decides."""

from __future__ import annotations

from agent.typed import NamedTuple

INTERFACE = "ens32"
NETWORK_FILE = f"/etc/systemd/network/10-bandstand-{INTERFACE}.network"
# networkd's state of each card, by its index.
TOLD_BY_NETWORKD = "/run/systemd/netif/links"
# systemd-sysctl reads it at boot, and udev anew whenever the card comes.
SYSCTL_FILE = f"/etc/sysctl.d/10-bandstand-{INTERFACE}.conf"


class Observed(NamedTuple):
    """`foreign` are files of others that configure the card; `is_ipv6_off` is by our own file."""

    foreign: tuple[str, ...] = ()
    is_ipv6_off: bool = False
