"""A static address on a real kernel, without systemd: applied, verified and taken back."""

from __future__ import annotations

from ipaddress import IPv4Address
from pathlib import Path

import pytest

from agent.errors import StepFailed
from agent.settings.network import Network
from agent.system.host import Host
from tests.agent.network.kernel import apply, settle, undo
from tests.agent.network.node import STATIC
from tests.fakes.namespace import ip, rival

pytestmark = pytest.mark.node


@pytest.fixture
def host(host: Host) -> Host:
    """The other end of the cable is up, and nobody's."""
    ip("link", "set", "far", "up")
    return host


def _shown() -> tuple[str, str]:
    addresses = ip("-4", "-oneline", "address", "show", "ens32")
    return addresses.partition(" valid_lft")[0].strip(), ip("-4", "route", "show", "table", "all")


def test_static_is_applied_and_networkd_finds_it_true(host: Host) -> None:
    apply(host, STATIC)
    address, routes = _shown()
    assert "192.0.2.10/24 brd 192.0.2.255 scope global ens32" in address
    assert "default via 192.0.2.1 dev ens32 proto static" in routes
    with rival() as gateway:
        gateway.plug("far")
        gateway.ip("address", "add", "192.0.2.1/24", "dev", "far")
        gateway.ip("link", "set", "far", "up")
        assert len(settle(host, STATIC)) == 1


def test_routers_are_left_to_networkd(host: Host) -> None:
    apply(host, STATIC)
    assert Path("/proc/sys/net/ipv6/conf/ens32/accept_ra").read_text().strip() == "0"


def test_undo_leaves_the_kernel_as_it_was(host: Host) -> None:
    ip("link", "set", "ens32", "up")
    ip("address", "add", "198.51.100.9/24", "brd", "+", "dev", "ens32")
    ip("route", "add", "default", "via", "198.51.100.1", "proto", "static")
    before = _shown()
    done = apply(host, STATIC)
    assert _shown() != before
    undo(host, done)
    assert _shown() == before


def test_a_gateway_that_is_not_on_the_link_leaves_nothing_behind(host: Host) -> None:
    ip("link", "set", "ens32", "up")
    before = _shown()
    wrong = Network(address=STATIC.address, gateway=IPv4Address("203.0.113.1"), dns=STATIC.dns)
    with pytest.raises(StepFailed, match="the gateway 203"):
        apply(host, wrong)
    assert _shown() == before


def test_the_only_card_becomes_ens32_whatever_its_name(host: Host) -> None:
    ip("link", "delete", "ens32")
    # A bridge is no card; on it hangs one whose other end is none either.
    ip("link", "add", "below0", "type", "bridge")
    ip("link", "set", "below0", "up")
    ip("link", "add", "link", "below0", "name", "eth9", "type", "macvlan")
    apply(host, STATIC)
    assert "192.0.2.10/24" in _shown()[0]
