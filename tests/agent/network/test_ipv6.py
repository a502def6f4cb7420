"""IPv6 beside IPv4, in memory and below a folder."""

from __future__ import annotations

from ipaddress import IPv6Address, IPv6Interface

import pytest

from agent.errors import SeveralFailed, StepFailed
from agent.network import act
from agent.network.state import SYSCTL_FILE
from agent.settings.kinds import Ipv6Mode
from agent.settings.network import Network
from agent.steps.journal import Journal
from agent.steps.run import run_steps
from tests.agent.network.node import STATIC, Node, names, no_kernel

DUAL = STATIC._replace(
    ipv6=Ipv6Mode.STATIC,
    ipv6_address=IPv6Interface("2001:db8::10/64"),
    ipv6_gateway=IPv6Address("fe80::1"),
)
BY_DHCP = DUAL._replace(mode=Network().mode, address=None, gateway=None, dns=None)
OFF = Network(ipv6=Ipv6Mode.OFF)


def test_both_families_are_in_the_kernel_before_networkd_starts(node: Node) -> None:
    held: list[list[str]] = []
    node.run.on("systemctl", "start", effect=lambda _: held.append(node.net.addresses))
    done = names(node.apply(DUAL))
    assert done == [
        "network.link",
        "network.address",
        "network.ipv6_address",
        "network.handover",
    ]
    assert held == [["192.0.2.10/24", "2001:db8::10/64"]]
    assert node.net.gateways == ["192.0.2.1", "fe80::1"]
    assert names(node.settle(DUAL)) == ["network.settled"]


def test_beside_dhcp_it_is_awaited_too(node: Node) -> None:
    assert "network.ipv6_address" in names(node.apply(BY_DHCP))
    assert names(node.settle(BY_DHCP)) == ["network.settled"]


def test_a_static_ipv6_address_is_no_lease(node: Node) -> None:
    node.apply(BY_DHCP)
    node.net.later.append(lambda: node.net.give("192.0.2.77/24", permanent=False))
    node.arrive(BY_DHCP)
    assert node.arrive(BY_DHCP) == ()
    node.files.remove("/proc/net/fib_trie")
    assert len(node.arrive(BY_DHCP)) == 1


def test_a_duplicate_takes_all_of_it_back(node: Node) -> None:
    node.net.rivals["2001:db8::10"] = "00:50:56:00:00:99"
    with pytest.raises(StepFailed, match="by the network card 00:50:56:00:00:99") as told:
        node.apply(DUAL)
    assert (told.value.code, told.value.setting) == ("duplicate-address", "network.ipv6_address")


def test_a_duplicate_that_comes_later_is_told(node: Node) -> None:
    node.apply(DUAL)
    node.net.held[-1] = node.net.held[-1]._replace(is_usable=False, is_duplicate=True)
    with pytest.raises(StepFailed, match="in use on this network already") as told:
        node.settle(DUAL)
    assert told.value.code == "duplicate-address"


def test_a_silent_gateway_is_told_by_its_own_field(node: Node) -> None:
    node.net.silent.add("fe80::1")
    node.apply(DUAL)
    with pytest.raises(StepFailed, match="the gateway fe80::1 does not answer on ens32") as told:
        node.settle(DUAL)
    assert (told.value.code, told.value.setting) == ("gateway-silent", "network.ipv6_gateway")
    assert node.net.gateways == ["192.0.2.1", "fe80::1"]


def test_both_gateways_that_are_silent_are_told(node: Node) -> None:
    node.net.silent |= {"192.0.2.1", "fe80::1"}
    node.apply(DUAL)
    with pytest.raises(SeveralFailed, match="192.0.2.1 does not.*; the gateway fe80::1") as told:
        node.settle(DUAL)
    assert [(one.setting, one.code) for one in told.value.faults] == [
        ("network.gateway", "gateway-silent"),
        ("network.ipv6_gateway", "gateway-silent"),
    ]


def test_off_is_a_file_for_later_boots(node: Node) -> None:
    done = node.apply(OFF)
    assert names(done) == ["network.link", "network.ipv6", "network.handover"]
    assert node.net.switched_while_up[0] is False
    was_on = node.net.has_ipv6
    assert "disable_ipv6 = 1" in (node.files.read(SYSCTL_FILE) or "")
    node.undo(done)
    assert (was_on, node.net.has_ipv6) == (False, True)
    assert not node.files.exists(SYSCTL_FILE)


def test_off_that_is_not_is_told(node: Node) -> None:
    node.apply(OFF)
    assert names(node.settle(OFF)) == ["network.settled"]
    node.files.remove("/journal")
    node.net.give("fe80::7/64")
    with pytest.raises(StepFailed, match="did not keep IPv6 off on ens32"):
        node.settle(OFF)


@pytest.mark.parametrize("settings", [DUAL, OFF])
def test_a_second_run_does_nothing_and_opens_no_netlink(node: Node, settings: Network) -> None:
    node.apply(settings)
    steps = act.steps(node.plan(settings), node.host, kernel=no_kernel)
    assert run_steps(steps, Journal.load(node.files, "/journal"), node.clock) == ()


def test_on_again_after_off(node: Node) -> None:
    node.apply(OFF)
    assert "network.ipv6" in names(node.apply(Network()))
    assert node.net.has_ipv6
    assert not node.files.exists(SYSCTL_FILE)
    assert node.apply(Network()) == ()


def test_a_meddled_file_of_off_is_mended(node: Node) -> None:
    node.apply(OFF)
    node.files.write(SYSCTL_FILE, "")
    assert "network.ipv6" in names(node.apply(OFF))
    assert "disable_ipv6 = 1" in (node.files.read(SYSCTL_FILE) or "")
