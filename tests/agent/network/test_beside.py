"""What is set beside the settings of now, and what only networkd can do."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Interface, IPv6Address, IPv6Interface

import pytest

from agent.network.beside import (
    Beside,
    Resolving,
    beside,
    from_json,
    is_by_networkd,
    is_to_be_tried,
)
from agent.settings.kinds import Ipv6Mode
from agent.settings.network import Network

OLD = IPv4Interface("192.0.2.10/24")
STATIC = Network(
    address=OLD, gateway=IPv4Address("192.0.2.1"), dns=(IPv4Address("192.0.2.53"),), domain="lab"
)
OTHER = STATIC._replace(address=IPv4Interface("192.0.2.20/24"))
IPV6 = IPv6Interface("2001:db8::10/64")
WITH_IPV6 = STATIC._replace(
    ipv6=Ipv6Mode.STATIC, ipv6_address=IPV6, ipv6_gateway=IPv6Address("fe80::1")
)
OFF = STATIC._replace(ipv6=Ipv6Mode.OFF)


def test_another_address_gets_its_own_way_to_everything() -> None:
    found = beside(OTHER, STATIC, (OLD,))
    assert found.addresses == (OTHER.interface,)
    assert [(way.destination, str(way.gateway), str(way.source)) for way in found.ways] == [
        ("0.0.0.0/1", "192.0.2.1", "192.0.2.20"),
        ("128.0.0.0/1", "192.0.2.1", "192.0.2.20"),
    ]
    assert (found.resolving, found.text, found.is_ipv6_off) == (None, "", None)


def test_what_the_card_has_already_is_not_added_and_so_never_taken_away() -> None:
    assert beside(OTHER, STATIC, (OLD, IPv4Interface("192.0.2.20/24"))).addresses == ()


def test_another_gateway_alone() -> None:
    found = beside(STATIC._replace(gateway=IPv4Address("192.0.2.2")), STATIC, (OLD,))
    assert found.addresses == ()
    assert {str(way.gateway) for way in found.ways} == {"192.0.2.2"}


def test_resolvers_alone_need_neither_address_nor_way() -> None:
    wanted = STATIC._replace(dns=(IPv4Address("192.0.2.54"),), search=("other.lab",))
    assert beside(wanted, STATIC, (OLD,)) == Beside(
        resolving=Resolving(("192.0.2.54",), ("lab", "other.lab"))
    )


def test_ipv6_beside_what_routers_say() -> None:
    found = beside(WITH_IPV6, STATIC, (OLD,))
    assert found.addresses == (IPV6,)
    assert [way.destination for way in found.ways] == ["::/1", "8000::/1"]


@dataclass(frozen=True)
class Turn:
    wanted: Network
    former: Network
    is_by_networkd: bool


@pytest.mark.parametrize(
    "turn",
    [
        Turn(Network(), STATIC, True),
        Turn(Network(dns=STATIC.dns), Network(), True),
        Turn(STATIC, Network(), False),
        Turn(OTHER, STATIC, False),
        Turn(OFF, STATIC, True),
        Turn(STATIC, OFF, True),
        Turn(STATIC, WITH_IPV6, True),
        Turn(WITH_IPV6, OFF, True),
        Turn(WITH_IPV6, STATIC, False),
        Turn(WITH_IPV6._replace(address=OTHER.address), WITH_IPV6, False),
    ],
)
def test_a_lease_routers_and_a_switch_are_networkds(turn: Turn) -> None:
    assert is_by_networkd(turn.wanted, turn.former) is turn.is_by_networkd
    found = beside(turn.wanted, turn.former, (OLD,))
    assert bool(found.text) is turn.is_by_networkd


def test_its_file_has_the_addresses_of_now_too() -> None:
    text = beside(Network(), STATIC, (OLD,)).text
    assert "DHCP=ipv4" in text
    assert f"[Address]\nAddress={OLD}\n" in text


def test_a_card_without_ipv6_keeps_none_of_it() -> None:
    found = beside(OFF, WITH_IPV6, (OLD, IPV6))
    assert found.is_ipv6_off is True
    assert str(IPV6) not in found.text
    assert found.text.count(f"Address={OLD}\n") == 1


@pytest.mark.parametrize(
    ("wanted", "former"), [(OTHER, STATIC), (WITH_IPV6, STATIC), (OFF, STATIC), (STATIC, OFF)]
)
def test_it_is_read_as_it_was_written(wanted: Network, former: Network) -> None:
    found = beside(wanted._replace(domain="other"), former, (OLD,))
    assert from_json(found.as_json()) == found


def test_time_servers_and_proxies_are_none_of_the_cards() -> None:
    assert not is_to_be_tried(STATIC._replace(ntp=("ntp.lab",), http_proxy="http://p"), STATIC)
    assert is_to_be_tried(STATIC._replace(search=("lab",), domain=None, dns=None), STATIC)
