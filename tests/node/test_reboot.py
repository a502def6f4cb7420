"""The boots after the first: equal, quick, and without our code where the network is concerned."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.lab.fleet import Fleet
from tests.lab.kernel import kernel
from tests.lab.network import Network
from tests.lab.node import Node

pytestmark = pytest.mark.node

_OURS = ("bandstand-firstboot-later", "bandstand-agent", "bandstand-portal.socket")
_KEPT = ("/etc/machine-id", "/etc/hostname", "/etc/ssh/ssh_host_ed25519_key.pub")


@pytest.fixture(scope="module", params=["static", "dhcp"])
def node(request: pytest.FixtureRequest, fleet: Fleet, network: Network) -> Iterator[Node]:
    """A node that had its first boot, of either kind of address."""
    name = f"again-{request.param}"
    address = network.address(31) if request.param == "static" else ""
    given = {"network.address": f"{address}/24", "network.gateway": network.gateway}
    properties = {**given, "network.dns": network.gateway} if address else {"node.name": name}
    yield fleet.boot(fleet.make(name, properties), address=address)
    fleet.containers[name].power_off()


def test_the_second_boot_is_equal(node: Node, fleet: Fleet) -> None:
    before = kernel(node)
    kept = [node.read(path) for path in _KEPT]
    certificate = node.get("/cluster").sha256
    _restart(node, fleet)
    status = node.wait_settled(within_s=60)
    assert not kernel(node).differs(before)
    assert [node.read(path) for path in _KEPT] == kept
    assert node.get("/cluster").sha256 == certificate
    assert status["source"] == "accepted"
    done = [step["name"] for step in status.get("steps", ()) if step["state"] == "done"]
    assert not [name for name in done if name not in _LOOKS_ONLY], done


# Steps that wait or look, and change nothing.
_LOOKS_ONLY = ("network.lease", "network.settled")


def test_the_network_needs_none_of_our_code(node: Node, fleet: Fleet) -> None:
    before = kernel(node)
    node.check("systemctl", "mask", *_OURS)
    try:
        _restart(node, fleet)
        fleet.containers[node.name].wait_ready()
        node.until(lambda: not kernel(node).differs(before), within_s=30, what="an equal network")
    finally:
        node.check("systemctl", "unmask", *_OURS)


def _restart(node: Node, fleet: Fleet) -> None:
    container = fleet.containers[node.name]
    container.power_off()
    container.start(ready_s=None)
