"""IPv6 on a real kernel, without systemd: static, off, on again, and a rival."""

from __future__ import annotations

from ipaddress import IPv6Address, IPv6Interface
from pathlib import Path

import pytest

from agent.errors import StepFailed
from agent.network.observe import observe
from agent.network.plan import plan
from agent.network.state import SYSCTL_FILE
from agent.settings.kinds import Ipv6Mode
from agent.settings.network import Network
from agent.system import own
from agent.system.files import Files
from agent.system.host import Host
from tests.agent.network.kernel import RIVAL_MAC, apply, settle, undo
from tests.fakes.namespace import Rival, ip

pytestmark = pytest.mark.node

STATIC = Network(
    ipv6=Ipv6Mode.STATIC,
    ipv6_address=IPv6Interface("2001:db8::10/64"),
    ipv6_gateway=IPv6Address("2001:db8::1"),
)
OFF = Network(ipv6=Ipv6Mode.OFF)


def _addresses() -> str:
    shown = ip("-6", "-oneline", "address", "show", "ens32")
    return "\n".join(line.partition(" valid_lft")[0].strip() for line in shown.splitlines())


def _routes() -> str:
    return ip("-6", "route", "show", "dev", "ens32")


def test_static_is_usable_at_once_and_networkd_finds_it_true(host: Host, neighbour: Rival) -> None:
    apply(host, STATIC)
    assert "2001:db8::10/64 scope global" in _addresses()
    assert "tentative" not in [line for line in _addresses().splitlines() if "2001" in line][0]
    assert "default via 2001:db8::1 proto static metric 1024" in _routes()
    neighbour.ip("address", "add", "2001:db8::1/64", "dev", "far", "nodad")
    assert len(settle(host, STATIC)) == 1
    assert own.addresses(Files()) == ("2001:db8::10",)


def test_a_link_local_gateway_is_reached_through_the_card(host: Host, neighbour: Rival) -> None:
    apply(host, STATIC._replace(ipv6_gateway=IPv6Address("fe80::1")))
    assert "default via fe80::1 proto static metric 1024" in _routes()


@pytest.mark.parametrize("gateway", ["2001:db8::1", "fe80::1"])
def test_a_gateway_that_answers_is_not_spoken_of(
    host: Host, neighbour: Rival, gateway: str
) -> None:
    settings = STATIC._replace(ipv6_gateway=IPv6Address(gateway))
    apply(host, settings)
    with pytest.raises(StepFailed, match=f"the gateway {gateway} does not answer on ens32") as told:
        settle(host, settings)
    assert (told.value.code, told.value.setting) == ("gateway-silent", "network.ipv6_gateway")
    assert f"default via {gateway}" in _routes()
    neighbour.ip("address", "add", f"{gateway}/64", "dev", "far", "nodad")
    assert len(settle(host, settings)) == 1


def test_a_rival_is_named_and_left_in_peace(host: Host, neighbour: Rival) -> None:
    neighbour.ip("address", "add", "2001:db8::10/64", "dev", "far", "nodad")
    with pytest.raises(StepFailed, match=f"2001:db8::10 is in use .* {RIVAL_MAC}") as told:
        apply(host, STATIC)
    assert told.value.code == "duplicate-address"
    assert "2001:db8::10" not in _addresses()
    assert "default" not in _routes()


def test_without_carrier_the_address_stands_ready(host: Host) -> None:
    apply(host, STATIC)
    assert "2001:db8::10/64" in _addresses()


def test_undo_takes_address_and_route_away(host: Host, neighbour: Rival) -> None:
    ip("link", "set", "ens32", "up")
    ip("-6", "address", "add", "2001:db8:1::9/64", "dev", "ens32", "nodad")
    ip("-6", "route", "add", "default", "via", "2001:db8:1::1", "dev", "ens32", "proto", "ra")
    before = (_routes(), "2001:db8:1::9" in _addresses())
    done = apply(host, STATIC)
    assert "2001:db8:1::1" not in _routes()
    undo(host, done)
    assert (_routes(), "2001:db8:1::9" in _addresses()) == before
    assert "2001:db8::10" not in _addresses()


def test_a_router_does_not_displace_the_gateway(host: Host, neighbour: Rival) -> None:
    """The kernel takes no part; that networkd does not either is in its file."""
    ip("link", "set", "ens32", "up")
    accept_ra = Path("/proc/sys/net/ipv6/conf/ens32/accept_ra")
    accept_ra.write_text("1\n")
    apply(host, STATIC)
    assert accept_ra.read_text().strip() == "0"
    assert "IPv6AcceptRA=no" in plan(STATIC, observe(host)).text


def test_off_is_off_before_the_card_is_up_and_after_it_was_unplugged(
    host: Host, neighbour: Rival
) -> None:
    apply(host, OFF)
    assert _addresses() == ""
    for state in ("down", "up"):
        ip("link", "set", "ens32", state)
        neighbour.ip("link", "set", "far", state)
    assert _addresses() == ""
    assert "net.ipv6.conf.ens32.disable_ipv6 = 1" in (host.files.read(SYSCTL_FILE) or "")


def test_off_takes_away_what_was_there(host: Host, neighbour: Rival) -> None:
    ip("link", "set", "ens32", "up")
    ip("-6", "address", "add", "2001:db8:1::9/64", "dev", "ens32", "nodad")
    apply(host, OFF)
    assert _addresses() == ""


@pytest.mark.parametrize("way", ["undone", "on again"])
def test_what_was_off_comes_back(host: Host, neighbour: Rival, way: str) -> None:
    done = apply(host, OFF)
    # As systemd-networkd leaves it.
    Path("/proc/sys/net/ipv6/conf/ens32/addr_gen_mode").write_text("1\n")
    if way == "undone":
        undo(host, done)
    else:
        apply(host, Network())
    assert "fe80::" in _addresses()
    assert not host.files.exists(SYSCTL_FILE)


def test_static_after_off(host: Host, neighbour: Rival) -> None:
    apply(host, OFF)
    apply(host, STATIC)
    assert "2001:db8::10/64" in _addresses()
