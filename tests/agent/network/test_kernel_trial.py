"""A trial on a real kernel, without systemd: set beside what is there, and gone without a trace."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Interface, IPv6Address, IPv6Interface
from pathlib import Path

import pytest

from agent.network.observe import observe
from agent.network.plan import plan
from agent.network.trying import Trying
from agent.settings.kinds import Ipv6Mode
from agent.settings.network import Network
from agent.system.files import Files
from agent.system.host import Host
from tests.fakes.namespace import ip, own_network
from tests.fakes.run import FakeRun

pytestmark = pytest.mark.node

STATIC = Network(address=IPv4Interface("192.0.2.10/24"), gateway=IPv4Address("192.0.2.1"))
OTHER = Network(
    address=IPv4Interface("198.51.100.20/24"),
    gateway=IPv4Address("198.51.100.1"),
    ipv6=Ipv6Mode.STATIC,
    ipv6_address=IPv6Interface("2001:db8::20/64"),
    ipv6_gateway=IPv6Address("fe80::1"),
)
# Only a prefix that was wrong.
WIDER = STATIC._replace(address=IPv4Interface("192.0.2.10/23"))
# Another address on the same link, by the same gateway.
NEXT = STATIC._replace(address=IPv4Interface("192.0.2.11/24"))


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    with own_network():
        ip("link", "add", "ens32", "type", "veth", "peer", "far")
        ip("link", "set", "far", "up")
        ip("link", "set", "ens32", "up")
        ip("address", "add", "192.0.2.10/24", "brd", "+", "dev", "ens32")
        ip("route", "add", "default", "via", "192.0.2.1", "proto", "static")
        yield Host(files=Files(tmp_path), run=FakeRun())


def _shown() -> str:
    """Without what counts time, and what comes by itself with a link-local address."""
    addresses = ip("-oneline", "address", "show", "dev", "ens32", "scope", "global")
    lines = [line.partition(" valid_lft")[0].strip() for line in addresses.splitlines()]
    routes = [
        line
        for family in ("-4", "-6")
        for line in ip(family, "route", "show", "table", "all").splitlines()
        if "via" in line or not ("fe80::" in line or "ff00::" in line)
    ]
    return "\n".join([*lines, *sorted(routes), ip("rule")])


@pytest.mark.parametrize("wanted", [OTHER, WIDER, NEXT])
def test_it_is_used_and_leaves_no_trace(host: Host, wanted: Network) -> None:
    trying, before = Trying(host), _shown()
    beside = trying.plan(wanted, STATIC)

    trying.put(beside)
    assert trying.stands(beside, wanted)
    assert wanted.interface is not None
    assert f"src {wanted.interface.ip} " in ip("route", "get", "203.0.113.1")
    assert "192.0.2.10/24" in _shown()
    if wanted.ipv6_address is not None:
        assert f"src {wanted.ipv6_address.ip} " in ip("-6", "route", "get", "2001:db8:1::1")

    former = plan(STATIC, observe(host))
    trying.take_back(beside, former)
    assert _shown() == before
    # Whoever comes second, after a crash between the two, finds nothing to do.
    trying.take_back(beside, former)
    assert _shown() == before


def test_a_default_route_that_networkd_sets_anew_ends_no_trial(host: Host) -> None:
    trying = Trying(host)
    beside = trying.plan(NEXT, STATIC)
    trying.put(beside)
    ip("route", "replace", "default", "via", "192.0.2.1", "proto", "static")
    assert trying.stands(beside, NEXT)
    assert "src 192.0.2.11 " in ip("route", "get", "203.0.113.1")


def test_a_card_that_lost_it_has_it_no_more(host: Host) -> None:
    trying = Trying(host)
    beside = trying.plan(NEXT, STATIC)
    trying.put(beside)
    ip("link", "set", "ens32", "down")
    assert not trying.stands(beside, NEXT)
