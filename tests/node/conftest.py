"""Containers of the image's tree on one network, shared by the tests of this tier."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.lab import database
from tests.lab.database import Database
from tests.lab.fleet import Fleet, image_tree
from tests.lab.network import Network
from tests.lab.node import Node
from tests.lab.site import Site

_BODY = "AAAAC3NzaC1lZDI1NTE5AAAAIPtw5aLRFDtTUhYtYfjRGHqTe9LRe9W7OZaCQl5dSnIT"
PUBLIC_KEY = f"ssh-ed25519 {_BODY} lab@example.com"


@pytest.fixture(scope="session")
def site() -> Iterator[Site]:
    with Site() as made:
        yield made


@pytest.fixture(scope="session")
def network(site: Site) -> Network:
    made = Network(site)
    made.serve_dhcp()
    return made


@pytest.fixture(scope="session")
def fleet(site: Site, network: Network) -> Fleet:
    return Fleet(site, network, image_tree())


@pytest.fixture(scope="session")
def store(site: Site, network: Network) -> Database:
    """The operator's server, with one database."""
    return database.start(site, network)


@pytest.fixture(scope="session")
def unanswered_node(fleet: Fleet) -> Node:
    """Nobody told it anything: its host has no environment for it."""
    return fleet.boot(fleet.make("blank"))


@pytest.fixture(scope="session")
def static_node(fleet: Fleet, network: Network) -> Node:
    """Everything that is its own was answered, under the names that vSphere shows."""
    address = network.address(21)
    properties = {
        "network.address": address,
        "network.netmask": "24 (255.255.255.0)",
        "network.gateway": network.gateway,
        "network.dns": f"{network.gateway}, {network.second}",
        "network.domain": "lab",
        "node.name": "fixed.lab",
        "node.ssh_keys": PUBLIC_KEY,
        "node.timezone": "Europe/Berlin",
    }
    return fleet.boot(fleet.make("fixed", properties), address=address)
