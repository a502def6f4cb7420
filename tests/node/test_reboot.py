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
_IPV6 = "fd00:db8::31/64"
_KEPT = ("/etc/machine-id", "/etc/hostname", "/etc/ssh/ssh_host_ed25519_key.pub")


@pytest.fixture(scope="module", params=["static", "dhcp"])
def node(request: pytest.FixtureRequest, fleet: Fleet, network: Network) -> Iterator[Node]:
    """A node that had its first boot: static in both families, or DHCP without IPv6."""
    name = f"again-{request.param}"
    address = network.address(31) if request.param == "static" else ""
    given = {
        "network.address": f"{address}/24",
        "network.gateway": network.gateway,
        "network.dns": network.gateway,
        "network.ipv6_address": _IPV6,
        "network.ipv6_gateway": "fe80::1",
    }
    properties = given if address else {"node.name": name, "network.ipv6": "off"}
    yield fleet.boot(fleet.make(name, properties), address=address)
    fleet.containers[name].power_off()


def test_ipv6_is_as_asked(node: Node) -> None:
    held, names = kernel(node), node.status()["certificate"]["names"]
    if node.name == "again-static":
        assert any(f"local={_IPV6.partition('/')[0]}" in row for row in held.addresses)
        assert any("gateway=fe80::1" in row and "protocol=static" in row for row in held.routes)
        assert _IPV6.partition("/")[0] in names
    else:
        assert not [row for row in held.addresses if "family=inet6" in row]


def test_a_cable_that_was_pulled_changes_nothing(node: Node, fleet: Fleet) -> None:
    """IPv6 that is off stays off, not even link-local, and a static gateway is the only one."""
    before = kernel(node)
    container = fleet.containers[node.name]
    container.cut()
    _ = node.wait_link("down", within_s=20)
    container.mend()
    _ = node.wait_link("up", within_s=20)
    node.until(lambda: not kernel(node).differs(before), within_s=30, what="an equal network")


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


def test_no_part_of_that_boot_waited_for_first_boot(node: Node) -> None:
    asked = ("systemd-analyze", "--no-pager", "critical-chain", "nginx.service")
    node.until(lambda: node.shell.root(*asked).ok, within_s=60, what="the end of the boot")
    chain = node.check(*asked)
    assert "nginx.service" in chain
    assert "bandstand-firstboot" not in chain


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
