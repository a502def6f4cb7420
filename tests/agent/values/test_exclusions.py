"""Who is asked without the proxy: normal forms, and who is meant by them."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.values.exclusions import covers, parse_exclusions


def test_each_has_one_normal_form() -> None:
    text = "Mirror.example.com, .Lab.example.com;*.lab.example.com [2001:DB8::1] 192.0.2.0/24 *"
    assert parse_exclusions(text) == (
        "mirror.example.com",
        ".lab.example.com",
        "2001:db8::1",
        "192.0.2.0/24",
        "*",
    )


@pytest.mark.parametrize(
    ("entry", "host", "is_meant"),
    [
        ("a.example", "a.example", True),
        ("a.example", "b.a.example", False),
        (".a.example", "b.a.example", True),
        (".a.example", "a.example", True),
        (".a.example", "ba.example", False),
        ("192.0.2.0/24", "192.0.2.9", True),
        ("192.0.2.0/24", "198.51.100.9", False),
        ("192.0.2.0/24", "a.example", False),
        ("192.0.2.0/24", "2001:db8::1", False),
        ("2001:db8::/32", "2001:db8::1", True),
        ("*", "anything", True),
    ],
)
def test_who_is_meant(entry: str, host: str, *, is_meant: bool) -> None:
    assert covers((entry,), host) is is_meant


@given(st.ip_addresses(), st.integers(0, 128))
def test_a_network_means_the_addresses_in_it(address: object, prefix: int) -> None:
    mine = ip_address(str(address))
    network = ip_network((str(mine), min(prefix, mine.max_prefixlen)), strict=False)
    (entry,) = parse_exclusions(str(network))
    assert covers((entry,), str(mine))
    assert parse_exclusions(entry) == (entry,)


@given(st.text() | st.text("0123456789abc.:/*[]%, \n", max_size=40))
def test_whatever_is_read_can_be_read_again(text: str) -> None:
    try:
        found = parse_exclusions(text)
    except ValueError as error:
        assert str(error).startswith("holds ")
        return
    assert parse_exclusions(", ".join(found)) == found
    assert all(entry.isascii() and " " not in entry for entry in found)
