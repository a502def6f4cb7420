"""A member that is asked to move: refused, but for what the others do not see, and in recovery."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Interface, IPv6Interface
from pathlib import Path

import pytest

from agent.accepted.store import Accepted, Membership
from agent.access import recovery
from agent.apply.reached import refuse_to_move
from agent.errors import NotNow
from agent.settings.declaration import Settings
from agent.settings.kinds import Ipv6Mode, Mode
from agent.settings.network import Network
from agent.system.files import Files

STATIC = Network(
    mode=Mode.STATIC,
    address=IPv4Interface("192.0.2.10/24"),
    gateway=IPv4Address("192.0.2.1"),
    dns=(IPv4Address("192.0.2.53"),),
)
MOVED = {
    "another address": STATIC._replace(address=IPv4Interface("192.0.2.20/24")),
    "a lease": Network(mode=Mode.DHCP),
    "another IPv6 address": STATIC._replace(
        ipv6=Ipv6Mode.STATIC, ipv6_address=IPv6Interface("2001:db8::10/64")
    ),
    "no IPv6": STATIC._replace(ipv6=Ipv6Mode.OFF),
}
STAYS = {
    "the same": STATIC,
    "another prefix": STATIC._replace(address=IPv4Interface("192.0.2.10/23")),
    "another gateway": STATIC._replace(gateway=IPv4Address("192.0.2.2")),
    "other resolvers": STATIC._replace(dns=(IPv4Address("192.0.2.54"),), search=("lab",)),
    "time servers": STATIC._replace(ntp=("ntp1.example.com",)),
}


def _refuse(files: Files, wanted: Network, membership: Membership = Membership.MEMBER) -> None:
    refuse_to_move(files, Accepted(Settings(network=STATIC), membership=membership), wanted)


@pytest.mark.parametrize("wanted", MOVED.values(), ids=MOVED)
def test_a_member_keeps_its_addresses(tmp_path: Path, wanted: Network) -> None:
    with pytest.raises(NotNow, match="member of a cluster") as caught:
        _refuse(Files(tmp_path), wanted)
    assert caught.value.code == "member"
    assert "recovery" in caught.value.hint


@pytest.mark.parametrize("wanted", STAYS.values(), ids=STAYS)
def test_the_rest_may_be_changed(tmp_path: Path, wanted: Network) -> None:
    _refuse(Files(tmp_path), wanted)


@pytest.mark.parametrize("membership", [Membership.NONE, Membership.JOINING])
def test_who_is_no_member_yet_may_move(tmp_path: Path, membership: Membership) -> None:
    _refuse(Files(tmp_path), MOVED["a lease"], membership)


def test_so_may_one_in_recovery(tmp_path: Path) -> None:
    files = Files(tmp_path)
    _ = files.write("/proc/cmdline", f"ro quiet {recovery.WORD}\n")
    _refuse(files, MOVED["a lease"])
