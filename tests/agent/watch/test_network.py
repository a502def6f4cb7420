"""Cards, addresses and gateways, as the status tells them; and the faults that are over by now."""

from __future__ import annotations

from typing import Any

import pytest

from agent.accepted import acts
from agent.network.state import NETWORK_FILE
from agent.settings.secret import Secret
from agent.system.host import Host
from agent.system.netstate import Link
from agent.values import join_string
from agent.values.join_string import Seed
from agent.watch import network as watched
from tests.agent.watch.machine import FakeNetwork

OTHER = Link(3, "enp19s0", "00:50:56:00:00:02", True, False, False)


def seen(host: Host, network: FakeNetwork) -> dict[str, Any]:
    return watched.told(host.files, watched.look(host.files, network))


def over(host: Host, network: FakeNetwork) -> set[tuple[str, str]]:
    rows = watched.over(watched.look(host.files, network))
    return {(row["code"], row["setting"]) for row in rows}


def test_other_cards_are_listed(host: Host, network: FakeNetwork) -> None:
    driver = host.files.path("/sys/class/net/enp19s0/device/driver")
    driver.parent.mkdir(parents=True)
    driver.symlink_to("../../../../bus/pci/drivers/vmxnet3")
    network.others = [OTHER, OTHER._replace(name="usb0", is_up=True, has_carrier=True, mac="x")]
    network.others.append(Link(9, "docker0", "y", False, True, True))
    assert seen(host, network)["other_cards"] == [
        {"name": "enp19s0", "mac": OTHER.mac, "driver": "vmxnet3", "link": "off"},
        {"name": "usb0", "mac": "x", "driver": "", "link": "up"},
    ]


def test_other_cards_are_listed_where_ens32_is_missing(host: Host, network: FakeNetwork) -> None:
    network.is_there, network.others = False, [OTHER]
    found = seen(host, network)
    assert found["link"] == "missing"
    assert [card["name"] for card in found["other_cards"]] == ["enp19s0"]


def test_what_came_late_is_over(host: Host, network: FakeNetwork) -> None:
    network.is_there = False
    assert over(host, network) == set()
    network.is_there, network.has_carrier = True, False
    assert over(host, network) == {("no-card", "network")}
    network.has_carrier = True
    assert over(host, network) == {("no-card", "network"), ("no-carrier", "network")}
    network.give("fe80::1/64")
    network.give("192.0.2.9/24", usable=False)
    assert ("no-lease", "network") not in over(host, network)
    network.give("192.0.2.21/24")
    assert ("no-lease", "network") in over(host, network)


def test_a_gateway_that_answers_by_now_is_over_as_silent(host: Host, network: FakeNetwork) -> None:
    silent = ("gateway-silent", "network.gateway")
    network.answered = {"192.0.2.1"}
    assert silent not in over(host, network)
    network.answered = {"192.0.2.1", "192.0.2.254"}
    assert silent in over(host, network)


@pytest.mark.parametrize(
    ("seed", "gateway", "is_over"),
    [
        ("198.51.100.7", "192.0.2.1", True),
        ("198.51.100.7", None, False),
        ("192.0.2.77", None, True),
        ("2001:db8::7", "192.0.2.1", False),
    ],
)
def test_a_seed_without_a_route_is_over_once_it_has_one(
    host: Host, network: FakeNetwork, seed: str, gateway: str | None, is_over: bool
) -> None:
    def now() -> bool:
        rows = watched.over(watched.look(host.files, network), [{"code": told["code"]}])
        return told in rows

    told = {"code": "no-route-to-seed", "setting": "network.gateway"}
    text = join_string.format(join_string.generate([Seed(seed)]))
    assert acts.put_act(host.files, "cluster.join", Secret(text))
    network.give("192.0.2.21/24")
    network.gateway = gateway
    assert now() is is_over
    acts.consume(host.files, "cluster.join")
    assert now()


def test_a_lease_that_somebody_had_is_over_once_it_is_another(
    host: Host, network: FakeNetwork
) -> None:
    standing = [{"code": "duplicate-lease", "message": "the address 192.0.2.2 that is in use"}]
    network.give("192.0.2.21/24")
    rows = watched.over(watched.look(host.files, network), standing)
    assert {"code": "duplicate-lease", "setting": "network.address"} in rows
    network.give("192.0.2.2/24")
    rows = watched.over(watched.look(host.files, network), standing)
    assert "duplicate-lease" not in [row["code"] for row in rows]


@pytest.mark.parametrize(
    ("gateway", "address", "answered", "is_told"),
    [
        ("203.0.113.1", "192.0.2.21/24", (), True),
        ("203.0.113.1", "192.0.2.21/24", ("203.0.113.1",), False),
        ("203.0.113.1", "192.0.2.21/32", (), False),
        ("192.0.2.1", "192.0.2.21/24", (), False),
    ],
)
def test_a_gateway_of_the_lease_that_is_not_on_the_link(
    host: Host,
    network: FakeNetwork,
    gateway: str,
    address: str,
    answered: tuple[str, ...],
    *,
    is_told: bool,
) -> None:
    host.files.write(NETWORK_FILE, "[Network]\nDHCP=ipv4\n")
    network.give(address, permanent=False)
    network.gateway, network.protocol, network.answered = gateway, 16, {*answered}
    told = watched.faults(watched.look(host.files, network))
    assert [(one.setting, one.code) for one in told] == [
        ("network.gateway", "gateway-off-link")
    ] * is_told
    assert all(gateway in one.message and address in one.message for one in told)
