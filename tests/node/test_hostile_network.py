"""Networks that do not do what they should: servers that are late, lie or change their mind, rogue
routers, cables and cards that come and go. The node ends usable and says what it met.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.lab.call import call
from tests.lab.containers import Container
from tests.lab.fleet import Fleet, image_tree
from tests.lab.kernel import kernel
from tests.lab.network import CARD, Network, Offer
from tests.lab.node import Node, Status
from tests.lab.site import Site

pytestmark = pytest.mark.node

RIVAL_MAC, NEW_MAC, OTHER_MAC = "00:50:56:00:00:99", "00:50:56:00:00:77", "00:50:56:00:00:78"
_LATE, _ROGUE, _OWN = "2001:db8:1a7e:", "2001:db8:bad:", "fd00:db8:"
# First boot waits for its network for 30 s; a test has no such patience.
_WAITS = (
    "import sys\n"
    "sys.path += ['/usr/lib/bandstand', '/usr/lib/python3/dist-packages']\n"
    "from agent.network import address, wait\n"
    "address.CARRIER_S = wait.CARRIER_S = 0.5\nwait.WAIT_S = 2.0\n"
    "from firstboot.__main__ import main\n"
    "main()\n"
)
_PROGRAM = "/usr/lib/lab/impatient.py"
_IN_ITS_PLACE = f"[Service]\nExecStart=\nExecStart=/usr/bin/python3 -IS {_PROGRAM}\n"
_SETTINGS = "/etc/bandstand/settings.json"


@dataclass(frozen=True)
class Ground:
    """A network of this module's own, where DHCP and routers do as a test says."""

    site: Site
    network: Network
    fleet: Fleet

    def node(self, name: str, address: str = "") -> Node:
        """The node in a container, as it is seen at an address."""
        container = self.fleet.containers[name]
        return Node(name, address, self.network, container, container.until)

    def replug(self, node: Node) -> None:
        """Its cable is pulled and plugged in again, so that it asks for its lease anew."""
        container = self.fleet.containers[node.name]
        container.cut()
        _ = node.wait_link("down", within_s=20)
        container.mend()
        _ = node.wait_link("up", within_s=20)

    def hurry(self, container: Container) -> None:
        """Its next boots wait only for a moment."""
        container.lay(_PROGRAM, _WAITS)
        for unit in ("bandstand-firstboot", "bandstand-firstboot-later"):
            container.lay(f"/etc/systemd/system/{unit}.service.d/lab.conf", _IN_ITS_PLACE)

    def rival(self, address: str) -> None:
        """Another machine that has this address."""
        netns = self.site.namespace("-rival")
        self.network.plug(netns, port="rival", mac=RIVAL_MAC)
        call("ip", "-n", netns, "address", "add", f"{address}/24", "dev", CARD)
        call("ip", "-n", netns, "link", "set", CARD, "up")


@pytest.fixture(scope="module")
def ground() -> Iterator[Ground]:
    with Site() as site:
        network = Network(site)
        yield Ground(site, network, Fleet(site, network, image_tree()))


@pytest.fixture(scope="module")
def leased(ground: Ground) -> Iterator[Node]:
    """The server gives it what a rival has, and no router says anything to IPv6."""
    ground.rival(ground.network.address(150))
    ground.network.serve_dhcp(Offer(150, 150))
    container = ground.fleet.make("leased", {})
    container.start(ready_s=None)
    yield ground.node("leased")
    container.power_off()


def _codes(status: Status) -> list[str]:
    return sorted(fault["code"] for fault in status.get("faults", ()))


def _has(status: Status, address: str) -> bool:
    return any(one.startswith(address) for one in status["network"]["addresses"])


def _is_well(status: Status) -> bool:
    return (status["state"], status["faults"]) == ("ready", [])


def test_a_lease_that_somebody_has_is_kept_and_told(ground: Ground, leased: Node) -> None:
    status = leased.wait_settled(within_s=60)
    (fault,) = status["faults"]
    assert (fault["setting"], fault["code"]) == ("network.address", "duplicate-lease")
    assert ground.network.address(150) in fault["message"]
    assert RIVAL_MAC in fault["message"]
    assert (status["state"], status["network"]["mode"]) == ("degraded", "dhcp")


def test_a_server_that_changes_its_mind_and_lies_about_the_gateway(
    ground: Ground, leased: Node
) -> None:
    network, address = ground.network, ground.network.address(160)
    network.hold(f"{_LATE}:1/64")
    network.serve_dhcp(Offer(160, 160, gateway="203.0.113.9", prefix=f"{_LATE}:"))
    ground.replug(leased)
    status = leased.wait(
        lambda status: _has(status, address) and address in status["certificate"].get("names", ()),
        within_s=30,
        what="another address, and a certificate for it",
    )
    assert status["network"]["address_sources"][f"{address}/24"] == "dhcp"
    (fault,) = status["faults"]
    assert (fault["setting"], fault["code"]) == ("network.gateway", "gateway-off-link")
    assert "203.0.113.9" in fault["message"]
    assert ground.node("leased", address).get("/cluster").status == 200


def test_a_router_that_comes_late_is_heard(leased: Node) -> None:
    status = leased.wait(
        lambda status: _has(status, _LATE), within_s=30, what="an address of the late router"
    )
    assert "ra" in status["network"]["address_sources"].values()


def test_a_server_that_mends_its_ways_is_forgiven(ground: Ground, leased: Node) -> None:
    ground.network.serve_dhcp(Offer(160, 160))
    ground.replug(leased)
    status = leased.wait(_is_well, within_s=30, what="a node without faults")
    assert status["network"]["gateway"] == ground.network.gateway


def test_a_replaced_card_a_second_one_and_a_server_that_is_late(
    ground: Ground, leased: Node
) -> None:
    """The wait for the lease is over when the server comes."""
    container = ground.fleet.containers["leased"]
    name, settings = leased.status()["node"]["name"], leased.read(_SETTINGS)
    container.power_off()
    ground.network.stop_dhcp()
    container.mac = NEW_MAC
    ground.hurry(container)
    container.add_card("ens33", OTHER_MAC)
    container.start(ready_s=None)
    status = leased.wait_settled(within_s=60)
    assert (_codes(status), status["state"]) == (["no-lease"], "degraded")

    ground.network.serve_dhcp()
    status = leased.wait(_is_well, within_s=60, what="a node without faults")
    assert status["network"]["address_sources"]
    assert (status["node"]["name"], leased.read(_SETTINGS)) == (name, settings)
    assert NEW_MAC in leased.read(f"/sys/class/net/{CARD}/address")
    other = {"name": "ens33", "mac": OTHER_MAC, "driver": "", "link": "off"}
    assert status["network"]["other_cards"] == [other]
    (card,) = json.loads(leased.check("ip", "-j", "address", "show", "ens33"))
    assert (card["operstate"], card["addr_info"]) == ("DOWN", [])


@pytest.fixture(scope="module")
def fixed(ground: Ground) -> Iterator[Node]:
    """Static in both families, and without a cable."""
    network = ground.network
    network.hold(f"{_OWN}:1/64")
    given = {
        "network.address": f"{network.address(31)}/24",
        "network.gateway": network.gateway,
        "network.dns": network.gateway,
        "network.ipv6_address": f"{_OWN}:31/64",
        "network.ipv6_gateway": f"{_OWN}:1",
    }
    container = ground.fleet.make("fixed", given)
    ground.hurry(container)
    container.start(ready_s=None, is_cabled=False)
    yield ground.node("fixed")
    container.power_off()


def test_a_cable_that_comes_late_is_over_as_a_fault(ground: Ground, fixed: Node) -> None:
    status = fixed.wait_settled(within_s=60)
    assert (_codes(status), status["network"]["link"]) == (["no-carrier"], "down")
    ground.fleet.containers["fixed"].mend()
    status = fixed.wait(_is_well, within_s=30, what="a node without faults")
    assert status["network"]["link"] == "up"


def test_a_rogue_router_displaces_no_gateway(ground: Ground, leased: Node, fixed: Node) -> None:
    """The other node hears routers, and so tells that this one could have been heard."""
    network = ground.network
    ground.replug(fixed)
    network.hold(f"{_ROGUE}:1/64")
    network.serve_dhcp(Offer(prefix=f"{_ROGUE}:"))
    _ = leased.wait(lambda status: _has(status, _ROGUE), within_s=30, what="the rogue router")
    held = kernel(fixed)
    assert not [row for row in held.addresses if _ROGUE in row]
    ways = [row.split() for row in held.routes if "dst=default gateway=" in row]
    gateways = {word for row in ways for word in row if word.startswith("gateway=")}
    assert gateways == {f"gateway={network.gateway}", f"gateway={_OWN}:1"}
