"""Addresses, masks, resolvers and ports: spellings, and what is none."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Interface, IPv6Address, ip_network

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
