"""Nodes as containers on one network: made, booted, joined."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from tests.lab import cluster
from tests.lab.call import LabError
from tests.lab.containers import Container
from tests.lab.database import Database
from tests.lab.environment import environment
from tests.lab.network import Network
from tests.lab.node import Node, active_members
from tests.lab.site import Site
from tests.lab.wait import until

BUILD = Path(__file__).parents[2] / "build"
SETTLE_S = 120
_JOIN_S = 120


def image_tree() -> Path:
    """The root tree of the built image, or the one that BANDSTAND_TREE names."""
    tree = Path(os.environ.get("BANDSTAND_TREE") or BUILD / "tree")
    if not (tree / "usr/lib/bandstand").is_dir():
        raise LabError(f"{tree} is not the image's root tree: make ova builds it")
    return tree


class Fleet:
    """Containers by name; each is a node of the same image."""

    def __init__(self, site: Site, network: Network, tree: Path) -> None:
        self._site, self._tree = site, tree
        self.network = network
        self.containers: dict[str, Container] = {}

    def make(self, name: str, properties: Mapping[str, str] | None = None) -> Container:
        """One that is switched off; with `properties`, its host has an OVF environment for it."""
        container = Container(self._site, self.network, self._tree, name=name)
        self.containers[name] = container
        if properties is not None:
            container.give_environment(environment(properties, mac=container.mac))
        return container

    def boot(self, container: Container, *, address: str = "") -> Node:
        """Switch it on and wait for the end of first boot; no `address` means DHCP's."""
        container.start(ready_s=None)
        node = Node(container.name, address, self.network, container, container.until)
        node.wait_settled(within_s=SETTLE_S)
        return node if address else self.found(container)

    def found(self, container: Container) -> Node:
        """The node at the address that DHCP gave it."""
        address = until(
            lambda: self.network.lease(container.mac),
            within_s=SETTLE_S,
            what=f"a lease for {container.name}",
        )
        return Node(container.name, address, self.network, container, container.until)

    def form(self, nodes: list[Node], database: Database) -> None:
        """The first is initialized, each of the others joins it by its join string."""
        first, *others = nodes
        cluster.init(first, database)
        first.wait_member(within_s=_JOIN_S)
        for node in others:
            cluster.join(node, cluster.join_string(first))
        names = tuple(sorted(node.name for node in nodes))
        for node in nodes:
            node.wait(
                lambda status: active_members(status) == names,
                within_s=_JOIN_S,
                what=f"{len(names)} active members",
            )
