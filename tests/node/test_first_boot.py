"""The first boot of a node, with answers and without."""

from __future__ import annotations

import pytest

from firstboot.report import QUICK
from tests.lab import checks, web
from tests.lab.kernel import kernel
from tests.lab.node import Node

pytestmark = pytest.mark.node


def test_without_answers_the_card_has_a_lease(unanswered_node: Node) -> None:
    ok, saw = checks.card(unanswered_node, unanswered_node.address)
    status = unanswered_node.status()
    assert ok, saw
    assert status["network"]["mode"] == "dhcp"
    assert status["faults"] == []


def test_without_answers_the_name_comes_from_the_card(unanswered_node: Node) -> None:
    mac = unanswered_node.read("/sys/class/net/ens32/address").strip().replace(":", "")
    assert unanswered_node.check("hostname").strip() == f"bandstand-{mac[-6:]}"


def test_the_dhcp_server_knows_the_node_by_its_name(unanswered_node: Node) -> None:
    """From its first lease on, not by the name that the image has."""
    mac = unanswered_node.read("/sys/class/net/ens32/address").strip()
    name = unanswered_node.check("hostname").strip()
    assert unanswered_node.network.leased_name(mac) == name


def test_without_keys_nobody_listens_for_ssh(unanswered_node: Node) -> None:
    assert ("tcp", 22) not in checks.listeners(unanswered_node)


def test_a_static_address_is_as_asked(static_node: Node) -> None:
    ok, saw = checks.card(static_node, static_node.address)
    state = kernel(static_node)
    network = static_node.network
    assert ok, saw
    assert any(f"local={static_node.address} prefixlen=24" in row for row in state.addresses)
    assert f"gateway={network.gateway} dev=ens32 protocol=static" in " ".join(state.routes)
    assert state.resolvers[0].split() == [network.gateway, network.second]


def test_a_name_of_the_lab_resolves(static_node: Node) -> None:
    found = static_node.check("getent", "ahostsv4", "database.lab").split()
    assert found[0] == static_node.network.gateway


def test_what_is_accepted_is_in_force(static_node: Node, unanswered_node: Node) -> None:
    for node in (static_node, unanswered_node):
        node.wait(lambda status: status.get("drift") == [], within_s=30, what="no drift")


def test_a_resolver_that_is_taken_away_by_hand_is_told_as_drift(static_node: Node) -> None:
    link, other = "ens32", static_node.network.address(9)
    static_node.check("resolvectl", "dns", link, other)
    try:
        status = static_node.wait(lambda status: status["drift"], within_s=30, what="drift")
    finally:
        static_node.check("resolvectl", "revert", link)
    (row,) = status["drift"]
    assert (row["setting"], row["in_force"]) == ("network.dns", other)
    static_node.wait(lambda status: status.get("drift") == [], within_s=30, what="no drift")


def test_networkd_has_the_card_in_hand(static_node: Node) -> None:
    def configured() -> bool:
        told = static_node.ask("networkctl", "list", "--json=short")
        (card,) = [row for row in told["Interfaces"] if row["Name"] == "ens32"]
        return bool(card["AdministrativeState"] == "configured")

    static_node.until(configured, within_s=20, what="a card that networkd has configured")
    assert static_node.check("systemctl", "is-enabled", "systemd-networkd").strip() == "enabled"


def test_name_zone_and_keys_are_as_asked(static_node: Node) -> None:
    assert static_node.read("/etc/hostname").strip() == "fixed"
    assert static_node.check("hostname", "--fqdn").strip() == "fixed.lab"
    assert "Europe/Berlin" in static_node.check("readlink", "/etc/localtime")
    assert "lab@example.com" in static_node.read("/home/admin/.ssh/authorized_keys")
    assert ("tcp", 22) in checks.listeners(static_node)
    assert static_node.check("su", "admin", "-c", "sudo -n id -u").strip() == "0"


def test_what_is_told_late_since_it_is_soon_over_is_there(static_node: Node) -> None:
    """By its names, which QUICK repeats."""
    assert {row["name"] for row in static_node.status()["steps"]} >= QUICK


@pytest.mark.parametrize("situation", ["unanswered_node", "static_node"])
class TestAnyNode:
    """What holds whatever was answered."""

    @pytest.fixture
    def node(self, situation: str, request: pytest.FixtureRequest) -> Node:
        found: Node = request.getfixturevalue(situation)
        return found

    def test_first_boot_ends_ready(self, node: Node) -> None:
        status = node.status()
        assert (status["phase"], status["state"]) == ("ready", "ready"), status

    def test_cloud_init_is_off(self, node: Node) -> None:
        ok, saw = checks.cloud_init_off(node)
        assert ok, saw

    def test_no_unit_failed(self, node: Node) -> None:
        ok, saw = checks.no_failed_unit(node)
        assert ok, saw

    def test_only_the_port_table_listens(self, node: Node) -> None:
        ok, saw = checks.only_the_port_table(node)
        assert ok, saw

    def test_the_firewall_drops_what_is_not_asked_for(self, node: Node) -> None:
        assert "policy drop" in node.check("nft", "list", "ruleset")

    def test_the_certificate_is_the_one_told_of(self, node: Node) -> None:
        ok, saw = checks.served(node)
        certificate = node.status()["certificate"]
        assert ok, saw
        assert certificate["source"] == "self-signed"
        assert node.address in certificate["names"]

    def test_pages(self, node: Node) -> None:
        assert node.get("/cluster").status == 200
        assert node.get("/").status == 503
        assert node.health() == 503
        plain = web.get_plain(node.network, node.address, "/cluster")
        assert plain.status in (301, 308)
        assert plain.location == f"https://{node.address}/cluster"

    def test_its_identity_is_its_own(self, node: Node) -> None:
        assert len(node.read("/etc/machine-id").strip()) == 32
        assert node.check("sh", "-c", "ls /etc/ssh/ssh_host_*_key").split()

    def test_its_url_was_tried(self, node: Node) -> None:
        status = node.wait_serving(within_s=20)
        assert status["url"] == f"https://{node.address}/cluster"


def test_two_nodes_of_one_image_differ(static_node: Node, unanswered_node: Node) -> None:
    both = (static_node, unanswered_node)
    assert len({node.read("/etc/machine-id") for node in both}) == 2
    assert len({node.read("/etc/ssh/ssh_host_ed25519_key.pub") for node in both}) == 2
    assert len({node.get("/cluster").sha256 for node in both}) == 2
