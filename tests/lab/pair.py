"""Two nodes of the packed OVA and a database, to a joined cluster: what the demo shows.

unpack -> network, database -> node-1 (static) -> init, token -> node-2 (DHCP, cluster.join)
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from tests.lab import accel, cluster, database, descriptor
from tests.lab.call import LabError
from tests.lab.guest import Ground, Guest
from tests.lab.network import Network
from tests.lab.node import Status, active_members
from tests.lab.site import Site

BUILD = Path(__file__).parents[2] / "build"
FIRST, SECOND = "node-1", "node-2"
_JOIN_S = 600
_NOTHING: Mapping[str, str] = MappingProxyType({})


def newest_ova() -> Path:
    """The OVA that `make ova` left, or the one that BANDSTAND_OVA names."""
    named = os.environ.get("BANDSTAND_OVA")
    found = [Path(named)] if named else sorted(BUILD.glob("*.ova"), key=lambda f: f.stat().st_mtime)
    if not found or not found[-1].is_file():
        raise LabError("there is no OVA to boot: make ova builds it")
    return found[-1]


def ground(site: Site, ova: Path) -> Ground:
    """The OVA taken apart, a network with DHCP, an accelerator that was tried."""
    hardware = descriptor.read(descriptor.unpack(ova, site.folder / "ova"))
    network = Network(site)
    network.serve_dhcp()
    return Ground(site, network, hardware, accel.choose(site, _kernel()))


class Pair:
    """Each method is one stretch of the way, in the order they stand here."""

    def __init__(
        self,
        base: Ground,
        *,
        second_disk_bytes: int = 0,
        first_logged: bool = False,
        first_told: Mapping[str, str] = _NOTHING,
    ) -> None:
        self.ground, self._second_disk_bytes = base, second_disk_bytes
        self.network = base.network
        self.database = database.start(base.site, base.network)
        self.first = first(base, logged=first_logged, told=first_told)
        self._second: Guest | None = None
        self._credential = ""

    @property
    def second(self) -> Guest:
        if self._second is None:
            raise LabError("the second node is made once the first has a cluster to join")
        return self._second

    @property
    def guests(self) -> tuple[Guest, ...]:
        return (self.first,) if self._second is None else (self.first, self._second)

    def boot_first(self) -> Status:
        return self.first.boot()

    def form_cluster(self) -> Status:
        """The first node initialized, and a credential made for the second."""
        cluster.init(self.first.node, self.database)
        status = self.first.node.wait_member(within_s=_JOIN_S)
        self._credential = cluster.join_string(self.first.node)
        return status

    def boot_second(self) -> Status:
        properties = {"network.mode": "dhcp", "cluster.join": self._credential}
        self._second = Guest(
            self.ground,
            name=SECOND,
            properties={**_everyone(self.ground, SECOND), **properties},
            nic="vmxnet3",
            slot=192,
            disk_bytes=self._second_disk_bytes,
        )
        return self._second.boot()

    def wait_joined(self) -> None:
        """Both nodes count both, active."""
        both = (FIRST, SECOND)
        for guest in self.guests:
            guest.node.wait(
                lambda status: active_members(status) == both,
                within_s=_JOIN_S,
                what="two active members",
            )

    def reboot(self) -> None:
        """Both at once, from inside."""
        for guest in self.guests:
            guest.restart()
        for guest in self.guests:
            guest.come_back()
        self.wait_joined()

    def power_off(self) -> None:
        for guest in self.guests:
            guest.power_off()


def _kernel() -> Path | None:
    """The built image's kernel, where its tree is at hand."""
    return next(iter(sorted((BUILD / "tree" / "boot").glob("vmlinuz-*"))), None)


def first(base: Ground, *, logged: bool = False, told: Mapping[str, str] = _NOTHING) -> Guest:
    """The first node: a static address, whatever the network has; `told` is said besides."""
    address = base.network.address(11)
    static = {
        "network.mode": "static",
        "network.address": f"{address}/24",
        "network.gateway": base.network.gateway,
        "network.dns": base.network.gateway,
    }
    return Guest(
        base,
        name=FIRST,
        properties={**_everyone(base, FIRST), **static, **told},
        address=address,
        nic="e1000-82545em",
        slot=32,
        logged=logged,
    )


def _everyone(base: Ground, name: str) -> dict[str, str]:
    return {"node.name": name, "node.ssh_keys": base.key.public}
