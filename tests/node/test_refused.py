"""Answers that are refused: the node ends usable, and says what was wrong."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from agent.status import entries
from tests.lab.fleet import Fleet
from tests.lab.network import CARD, Network
from tests.lab.node import Node, Status

pytestmark = pytest.mark.node


def _faults(status: Status) -> Mapping[str, str]:
    return {fault["setting"]: fault["message"] for fault in status["faults"]}


@pytest.fixture(scope="module")
def misaddressed(fleet: Fleet, network: Network) -> Node:
    """A gateway that is not on the link, and a time zone that is none."""
    properties = {
        "network.address": f"{network.address(41)}/24",
        "network.gateway": "192.0.2.1",
        "network.dns": network.gateway,
        "node.name": "misaddressed",
        "node.timezone": "Europe/Berlinn",
    }
    return fleet.boot(fleet.make("misaddressed", properties))


def test_a_refused_network_falls_back_to_dhcp(misaddressed: Node) -> None:
    status = misaddressed.status()
    assert status["network"]["mode"] == "dhcp"
    assert misaddressed.address != misaddressed.network.address(41)
    assert status["state"] == "degraded"
    taken = {row["category"]: row["took"] for row in status["fallbacks"]}
    assert taken["network"] == "DHCP"
    misaddressed.wait(lambda status: status.get("drift") == [], within_s=30, what="no drift")


def test_each_fault_names_its_field(misaddressed: Node) -> None:
    faults = _faults(misaddressed.status())
    assert set(faults) == {"network.gateway", "node.timezone"}
    assert "192.0.2.1" in faults["network.gateway"]
    assert "Europe/Berlinn" in faults["node.timezone"]


def test_each_fault_is_an_entry_of_the_journal(misaddressed: Node) -> None:
    for setting in _faults(misaddressed.status()):
        match = (f"BANDSTAND_SETTING={setting}", f"MESSAGE_ID={entries.FAULT}")
        said = misaddressed.check("journalctl", "--no-pager", "-o", "json", *match)
        (found,) = [json.loads(line) for line in said.splitlines()]
        assert found["MESSAGE"].startswith(f"{setting}: ")
        assert found["SYSLOG_IDENTIFIER"] == "bandstand"
        assert found["BANDSTAND_HINT"]


def test_the_rest_holds(misaddressed: Node) -> None:
    assert misaddressed.read("/etc/hostname").strip() == "misaddressed"
    assert misaddressed.get("/cluster").status == 200


def test_a_misspelt_zone_costs_no_address(fleet: Fleet, network: Network) -> None:
    address = network.address(42)
    properties = {
        "network.address": f"{address}/24",
        "network.gateway": network.gateway,
        "network.dns": network.gateway,
        "node.timezone": "Mars/Olympus",
    }
    node = fleet.boot(fleet.make("mars", properties), address=address)
    status = node.status()
    assert status["network"]["mode"] == "static"
    assert set(_faults(status)) == {"node.timezone"}
    fleet.containers["mars"].power_off()


def test_a_broken_environment_is_a_fault_not_an_end(fleet: Fleet) -> None:
    container = fleet.make("broken")
    container.give_environment("<Environment><PropertySection><Property oe:key='a'")
    node = fleet.boot(container)
    status = node.status()
    assert status["network"]["mode"] == "dhcp"
    assert status["faults"], status
    container.power_off()


def test_an_address_that_another_node_has(
    fleet: Fleet, network: Network, unanswered_node: Node
) -> None:
    properties = {
        "network.address": f"{unanswered_node.address}/24",
        "network.gateway": network.gateway,
        "network.dns": network.gateway,
    }
    node = fleet.boot(fleet.make("doubled", properties))
    status = node.status()
    (told,) = [fault for fault in status["faults"] if fault["code"] == "duplicate-address"]
    (card,) = json.loads(unanswered_node.check("ip", "-j", "link", "show", CARD))
    assert unanswered_node.address in told["message"]
    assert card["address"] in told["message"]
    assert status["network"]["mode"] == "dhcp"
    assert {"category": "network", "took": "DHCP"} in status["fallbacks"]
    assert node.address != unanswered_node.address
    fleet.containers["doubled"].power_off()


def test_an_answers_file_with_an_unknown_key(fleet: Fleet) -> None:
    container = fleet.make("answered")
    container.give_answers({"node.nmae": "typo", "node.timezone": "Asia/Tokyo"})
    node = fleet.boot(container)
    status = node.status()
    (fault,) = status["faults"]
    assert fault["setting"] == "node.nmae"
    assert "node.name" in fault["message"] + fault["hint"]
    assert "Asia/Tokyo" in node.check("readlink", "/etc/localtime")
    container.power_off()
