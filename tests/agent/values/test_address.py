"""Addresses, masks, resolvers and ports: spellings, and what is none."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Interface, IPv6Address, IPv6Interface, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.values import address
from agent.values.words import Nothing


@pytest.mark.parametrize(
    "text", ["24", "/24", " 24 ", "255.255.255.0", "24 (255.255.255.0)", "255.255.255.0 (24)"]
)
def test_every_spelling_of_a_mask_is_its_prefix(text: str) -> None:
    assert address.parse_netmask(text) == 24


@given(st.integers(1, 32))
def test_a_mask_in_dots_is_its_prefix(prefix: int) -> None:
    mask = str(ip_network(f"0.0.0.0/{prefix}").netmask)
    assert address.parse_netmask(mask) == address.parse_netmask(str(prefix)) == prefix


@given(st.integers(0, 2**32 - 1))
def test_a_mask_with_a_hole_is_refused(bits: int) -> None:
    ones = f"{bits:032b}".rstrip("0")
    text = str(IPv4Address(bits))
    if "0" in ones or not ones:
        with pytest.raises(ValueError, match="is not"):
            _ = address.parse_netmask(text)
    else:
        assert address.parse_netmask(text) == len(ones)


def test_an_address_carries_its_prefix_or_none() -> None:
    assert address.parse_interface("192.0.2.10/24") == IPv4Interface("192.0.2.10/24")
    assert address.parse_interface("192.0.2.10 / 255.255.255.0") == IPv4Interface("192.0.2.10/24")
    bare = address.parse_interface(" 192.0.2.10 ")
    assert bare == IPv4Address("192.0.2.10")
    assert not isinstance(bare, IPv4Interface)


@pytest.mark.parametrize("text", ["none", "NONE", " None "])
def test_none_is_a_value(text: str) -> None:
    assert address.parse_gateway(text) is Nothing.NONE
    assert address.parse_resolvers(text) is Nothing.NONE


@pytest.mark.parametrize(
    "text",
    [
        "192.0.2.53,192.0.2.54,2001:db8::53",
        "192.0.2.53; 192.0.2.54;2001:DB8:0::53",
        "192.0.2.53 192.0.2.54\n2001:db8::53",
        "192.0.2.53, 192.0.2.54, 192.0.2.53, 2001:db8::53",
    ],
)
def test_lists_take_any_separator_and_name_each_once(text: str) -> None:
    first, second, third = "192.0.2.53", "192.0.2.54", "2001:db8::53"
    wanted = (IPv4Address(first), IPv4Address(second), IPv6Address(third))
    assert address.parse_resolvers(text) == wanted
    assert address.format_resolvers(wanted) == f"{first}, {second}, {third}"


@pytest.mark.parametrize(
    "text",
    ["", "0", "65536", "-1", "5432.0", "five", "٥", "1" * 5000, "0x50"],
)
def test_what_is_no_port(text: str) -> None:
    with pytest.raises(ValueError, match="is not a port"):
        _ = address.parse_port(text)


@pytest.mark.parametrize(
    "text", ["192.0.2.٣", "192.0.2", "1.2.3.4.5", "0x7f.1.1.1", "", "1.1.1.1 2"]
)
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(ValueError, match="is not an IPv4 address"):
        _ = address.parse_ipv4(text)


@pytest.mark.parametrize(
    "text",
    [
        "2001:db8::c000:20a/64",
        " 2001:DB8:0:0:0:0:192.0.2.10 / 64 ",
        "2001:0db8:0000:0000:0000:0000:c000:020a/64",
    ],
)
def test_every_spelling_of_an_ipv6_address_is_one(text: str) -> None:
    found = address.parse_ipv6_interface(text)
    assert found == IPv6Interface("2001:db8::c000:20a/64")
    assert str(found) == "2001:db8::c000:20a/64"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("2001:db8::10", "no prefix length"),
        ("2001:db8::10/0", "no prefix length from 1 to 128"),
        ("2001:db8::10/129", "no prefix length from 1 to 128"),
        ("2001:db8::10/255.255.255.0", "no prefix length from 1 to 128"),
        ("2001:db8::/64", "the address of every router on 2001:db8::/64"),
        ("2001:db8::10%ens32/64", "has a zone"),
        ("192.0.2.10/24", "is an IPv4 address"),
        ("::ffff:192.0.2.10/64", "is the IPv4 address 192.0.2.10, written as one of IPv6"),
        ("::192.0.2.10/64", "no machine can have"),
        ("fec0::10/64", "no machine can have"),
        ("64:ff9b::192.0.2.10/96", "no machine can have"),
        ("fe80::10/64", "a link-local address"),
        ("ff02::1/64", "a multicast address"),
        ("::1/128", "a loopback address"),
        ("::/64", "the unspecified address"),
        ("[2001:db8::10]/64", "is not an IPv6 address"),
        ("2001:db8:::10/64", "is not an IPv6 address"),
        ("", "is not an IPv6 address"),
    ],
)
def test_what_is_no_ipv6_address_of_a_host(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        _ = address.parse_ipv6_interface(text)


@pytest.mark.parametrize("text", ["2001:db8::/127", "2001:db8::/128", "2001:db8::1/127"])
def test_a_link_of_two_has_no_address_for_all_routers(text: str) -> None:
    assert str(address.parse_ipv6_interface(text)) == text


@pytest.mark.parametrize("text", ["fe80::1", " FE80::1 ", "fe80::1%ens32"])
def test_a_link_local_gateway_may_name_the_card(text: str) -> None:
    assert str(address.parse_ipv6_gateway(text)) == "fe80::1"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("fe80::1%eth0", "has the zone 'eth0'"),
        ("fe80::1%", "is not an IPv6 address|has the zone ''"),
        ("2001:db8::1%ens32", "has a zone"),
        ("2001:db8::1/64", "is not an IPv6 address"),
        ("::ffff:169.254.1.1", "is the IPv4 address"),
        ("none", "is not an IPv6 address"),
    ],
)
def test_what_is_no_ipv6_gateway(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        _ = address.parse_ipv6_gateway(text)


def test_a_host_in_a_url() -> None:
    assert address.bracketed("2001:db8::10") == "[2001:db8::10]"
    assert address.bracketed("192.0.2.10") == "192.0.2.10"
    assert address.bracketed("node1") == "node1"
