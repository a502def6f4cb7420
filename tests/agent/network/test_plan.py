"""What networkd's file says for which settings."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Interface, IPv6Address, IPv6Interface

from agent.network.plan import network_file, plan
from agent.network.state import Observed
from agent.settings.kinds import Ipv6Mode
from agent.settings.network import Network
from agent.values.words import Nothing

STATIC = Network(
    address=IPv4Interface("192.0.2.10/24"),
    gateway=IPv4Address("192.0.2.1"),
    dns=(IPv4Address("192.0.2.53"), IPv6Address("2001:db8::53")),
    domain="example.com",
    search=("lab.example.com", "example.com"),
)


def _section(text: str, name: str) -> list[str]:
    for part in text.split("\n\n"):
        title, *lines = part.strip().split("\n")
        if title == f"[{name}]":
            return lines
    return []


def test_a_static_card_is_written_whole() -> None:
    assert network_file(STATIC) == (
        "[Match]\nName=ens32\n\n"
        "[Network]\nDHCP=no\nAddress=192.0.2.10/24\nGateway=192.0.2.1\n"
        "DNS=192.0.2.53\nDNS=2001:db8::53\nDomains=example.com lab.example.com\n"
        "IPv6AcceptRA=yes\nLLMNR=no\nMulticastDNS=no\n\n"
        "[DHCPv4]\nClientIdentifier=mac\nUseHostname=no\nUseDNS=no\nUseDomains=no\n\n"
        "[IPv6AcceptRA]\nUseDNS=no\nUseDomains=no\n\n"
        "[DHCPv6]\nUseHostname=no\nUseDNS=no\nUseDomains=no\n"
    )


def test_dhcp_is_known_by_its_card_and_takes_names_from_the_network() -> None:
    text = network_file(Network())
    assert _section(text, "Network")[0] == "DHCP=ipv4"
    assert not [
        line for line in text.split("\n") if line.startswith(("Address", "Gateway", "DNS="))
    ]
    assert "ClientIdentifier=mac" in _section(text, "DHCPv4")
    assert {"UseDNS=yes", "UseDomains=yes"} <= set(_section(text, "DHCPv4"))


def test_resolvers_given_beside_dhcp_are_the_only_ones() -> None:
    text = network_file(Network(dns=(IPv4Address("192.0.2.53"),)))
    assert "DNS=192.0.2.53" in _section(text, "Network")
    assert "UseDNS=no" in _section(text, "DHCPv4")
    assert "UseDNS=no" in _section(text, "IPv6AcceptRA")
    assert "UseDNS=no" in _section(text, "DHCPv6")


def test_no_resolvers_is_said_too() -> None:
    text = network_file(Network(dns=Nothing.NONE))
    assert "UseDNS=no" in _section(text, "DHCPv4")


def test_none_as_gateway_leaves_no_default_route() -> None:
    settings = Network(
        address=IPv4Interface("192.0.2.10/24"), gateway=Nothing.NONE, dns=Nothing.NONE
    )
    wanted = plan(settings, Observed())
    assert wanted.gateway is None
    assert "Gateway=" not in wanted.text


def test_the_plan_carries_what_is_to_be_set_and_taken_away() -> None:
    wanted = plan(STATIC, Observed(("/etc/netplan/50-cloud-init.yaml",)))
    assert (str(wanted.address), str(wanted.gateway)) == ("192.0.2.10/24", "192.0.2.1")
    assert wanted.foreign == ("/etc/netplan/50-cloud-init.yaml",)


def test_the_key_is_that_of_the_file() -> None:
    assert plan(STATIC, Observed()).key == plan(STATIC, Observed(("/x",))).key
    assert plan(STATIC, Observed()).key != plan(Network(), Observed()).key


def test_static_ipv6_hears_no_router() -> None:
    text = network_file(
        STATIC._replace(
            ipv6=Ipv6Mode.STATIC,
            ipv6_address=IPv6Interface("2001:db8::10/64"),
            ipv6_gateway=IPv6Address("fe80::1"),
        )
    )
    lines = _section(text, "Network")
    assert {"Address=192.0.2.10/24", "Address=2001:db8::10/64", "Gateway=fe80::1"} <= set(lines)
    assert "IPv6AcceptRA=no" in lines
    assert "[IPv6AcceptRA]" not in text


def test_off_has_not_even_an_address_of_the_cable() -> None:
    lines = _section(network_file(Network(ipv6=Ipv6Mode.OFF)), "Network")
    assert {"DHCP=ipv4", "LinkLocalAddressing=no", "IPv6AcceptRA=no"} <= set(lines)


def test_what_was_off_is_known() -> None:
    assert plan(Network(), Observed(is_ipv6_off=True)).was_ipv6_off
    assert not plan(Network(), Observed(is_ipv6_off=True)).is_ipv6_off
