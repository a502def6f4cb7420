"""An address that changes while the node runs."""

from __future__ import annotations

import pytest

from tests.lab import checks
from tests.lab.fleet import Fleet
from tests.lab.network import Network

pytestmark = pytest.mark.node


def test_its_own_certificate_follows_the_addresses(fleet: Fleet, network: Network) -> None:
    container = fleet.make("moving", {"node.name": "moving"})
    node = fleet.boot(container)
    before, other = node.get("/cluster").sha256, network.address(77)
    node.check("ip", "address", "add", f"{other}/24", "dev", "ens32")
    status = node.wait(
        lambda status: other in status["certificate"].get("names", ()),
        within_s=30,
        what="a certificate for both addresses",
    )
    assert node.address in status["certificate"]["names"]
    assert status["faults"] == []
    assert node.get("/cluster").sha256 != before
    ok, saw = checks.served(node)
    assert ok, saw
    container.power_off()
