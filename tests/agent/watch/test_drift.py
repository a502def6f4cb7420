"""What is accepted and not in force is told, setting by setting, and no longer than that."""

from __future__ import annotations

import asyncio
from ipaddress import IPv4Address, IPv4Interface, IPv6Address, IPv6Interface, ip_address, ip_network
from typing import Any

import pytest

from agent.accepted import store
from agent.accepted.store import Accepted
from agent.network.plan import network_file
from agent.network.state import NETWORK_FILE
from agent.settings.declaration import Settings
from agent.settings.kinds import Ipv6Mode
from agent.settings.network import Network
from agent.settings.node import Node
from agent.status import fragment, words
from agent.system.host import Host
from agent.system.netstate import Route
from agent.watch.rounds import Watcher
from tests.agent.watch.machine import RESOLVED, FakeNetwork, Web, put_pair, told

_STATIC = Network(
    address=IPv4Interface("192.0.2.21/24"),
    gateway=IPv4Address("192.0.2.1"),
    dns=(IPv4Address("192.0.2.53"), IPv4Address("192.0.2.54")),
)
_SIX = IPv6Interface("2001:db8::21/64")


@pytest.fixture
def static(host: Host, network: FakeNetwork, monkeypatch: pytest.MonkeyPatch) -> Host:
    """A node as it was accepted."""

    def one(index: int, version: int = 4) -> tuple[Route, ...]:
        near, found = network.gateway, "0.0.0.0/0" if version == 4 else "::/0"
        if version == 6:
            near = getattr(network, "gateway_six", None)
        return (Route(ip_network(found), ip_address(near), 2, 254, 4, 0),) if near else ()

    monkeypatch.setattr(network, "default_routes", one)
    network.give("192.0.2.21/24")
    put_pair(host.files)
    host.files.write("/proc/sys/kernel/hostname", "node-1\n")
    _accept(host, _STATIC)
    return host


def _accept(host: Host, network: Network, node: Node | None = None) -> None:
    own = Settings(network=network, node=node or Node(name="node-1.example.com"))
    store.save(host.files, Accepted(own=own))
    host.files.write(NETWORK_FILE, network_file(network))


def _drift(host: Host, network: FakeNetwork) -> list[dict[str, Any]]:
    asyncio.run(Watcher(host, network, Web()).round())
    found: list[dict[str, Any]] = told(host)["drift"]
    return found


def _row(setting: str, accepted: str, in_force: str) -> dict[str, str]:
    return {"setting": setting, "accepted": accepted, "in_force": in_force}


def test_a_node_as_accepted_has_none(static: Host, network: FakeNetwork) -> None:
    assert _drift(static, network) == []


def test_a_node_that_accepted_nothing_yet_has_none(host: Host, network: FakeNetwork) -> None:
    host.files.write("/proc/sys/kernel/hostname", "localhost\n")
    assert _drift(host, network) == []


def test_each_setting_of_the_card_is_told_by_itself(static: Host, network: FakeNetwork) -> None:
    network.addresses_ = []
    network.give("192.0.2.99/24")
    network.gateway = "192.0.2.254"
    static.files.write(RESOLVED, "nameserver 192.0.2.54\n")
    assert _drift(static, network) == [
        _row("network.address", "192.0.2.21/24", "192.0.2.99/24"),
        _row("network.gateway", "192.0.2.1", "192.0.2.254"),
        _row("network.dns", "192.0.2.53, 192.0.2.54", "192.0.2.54"),
    ]


def test_a_route_that_nobody_accepted_is_told(static: Host, network: FakeNetwork) -> None:
    _accept(static, _STATIC._replace(gateway=None))
    assert _drift(static, network) == [_row("network.gateway", "none", "192.0.2.1")]


def test_a_file_changed_by_hand_is_told(static: Host, network: FakeNetwork) -> None:
    static.files.write(NETWORK_FILE, network_file(Network()))
    assert _drift(static, network) == [_row("network.mode", "static", "dhcp")]


def test_what_a_lease_gives_is_as_accepted(static: Host, network: FakeNetwork) -> None:
    _accept(static, Network())
    network.addresses_ = []
    network.give("192.0.2.150/24", permanent=False)
    network.gateway = "192.0.2.254"
    assert _drift(static, network) == []


def test_ipv6_as_asked(static: Host, network: FakeNetwork) -> None:
    six = _STATIC._replace(
        ipv6=Ipv6Mode.STATIC, ipv6_address=_SIX, ipv6_gateway=IPv6Address("2001:db8::1")
    )
    _accept(static, six)
    assert _drift(static, network) == [
        _row("network.ipv6_address", str(_SIX), "none"),
        _row("network.ipv6_gateway", "2001:db8::1", "none"),
    ]
    network.give(str(_SIX))
    vars(network)["gateway_six"] = "2001:db8::1"
    assert _drift(static, network) == []
    _accept(static, _STATIC._replace(ipv6=Ipv6Mode.OFF))
    assert _drift(static, network) == [_row("network.ipv6", "off", str(_SIX))]


def test_name_and_time_zone(static: Host, network: FakeNetwork) -> None:
    static.files.write("/proc/sys/kernel/hostname", "other\n")
    static.files.link("/etc/localtime", to="/usr/share/zoneinfo/Europe/Berlin")
    assert _drift(static, network) == [
        _row("node.name", "node-1.example.com", "other"),
        _row("node.timezone", "Etc/UTC", "Europe/Berlin"),
    ]
    _accept(static, _STATIC, Node(timezone="Europe/Berlin"))
    assert _drift(static, network) == []


def test_without_a_cable_only_the_node_is_compared(static: Host, network: FakeNetwork) -> None:
    network.has_carrier, network.addresses_ = False, []
    assert _drift(static, network) == []


def test_what_is_tried_is_no_drift(static: Host, network: FakeNetwork) -> None:
    network.gateway = "192.0.2.254"
    fragment.put(static.files, "trial", {"trial": {"state": "waiting"}})
    assert _drift(static, network) == []
    fragment.put(static.files, "trial", {"trial": {"state": "taken-back"}})
    assert [row["setting"] for row in _drift(static, network)] == ["network.gateway"]


def test_without_a_card_only_the_node_is_compared(static: Host, network: FakeNetwork) -> None:
    network.is_there = False
    assert _drift(static, network) == []


def test_a_person_reads_what_is_and_what_was_accepted(static: Host, network: FakeNetwork) -> None:
    network.gateway = None
    assert _drift(static, network)
    (row,) = words.drift(told(static))
    assert (row.label, row.text) == ("Drift", "network.gateway is none, accepted is 192.0.2.1")
