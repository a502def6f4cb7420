"""Before a static address is set, on a real kernel: rivals, no cable, dead gateways."""

from __future__ import annotations

import pytest

from agent.accepted.store import Accepted
from agent.change import STAGES
from agent.change import settle as settle_all
from agent.errors import StepFailed
from agent.network.state import NETWORK_FILE
from agent.settings.declaration import Settings
from agent.steps.journal import Journal
from agent.system.host import Host
from agent.system.netlink import Kernel
from tests.agent.network.kernel import RIVAL_MAC, apply, settle
from tests.agent.network.node import STATIC
from tests.fakes.namespace import Rival, ip

pytestmark = pytest.mark.node


def _held() -> str:
    return ip("-4", "-oneline", "address", "show", "ens32")


def test_a_rival_is_named_and_the_address_never_set(host: Host, neighbour: Rival) -> None:
    neighbour.ip("address", "add", "192.0.2.10/24", "dev", "far")
    with pytest.raises(StepFailed, match=f"192.0.2.10 is in use .* {RIVAL_MAC}") as told:
        apply(host, STATIC)
    assert told.value.code == "duplicate-address"
    assert _held() == ""
    assert not host.files.exists(NETWORK_FILE)
    assert neighbour.ip("neighbour", "show", "dev", "far").strip() == ""


def test_a_first_boot_beside_a_rival_takes_dhcp(host: Host, neighbour: Rival) -> None:
    neighbour.ip("address", "add", "192.0.2.10/24", "dev", "far")
    accepted = Accepted(own=Settings(network=STATIC))
    outcome = settle_all(host, accepted, Journal.load(host.files, "/journal"), stages=STAGES[:1])
    (fault,) = outcome.faults
    assert (fault.setting, fault.code) == ("network.address", "duplicate-address")
    assert RIVAL_MAC in fault.message
    assert [one.as_json() for one in outcome.fallbacks] == [{"category": "network", "took": "DHCP"}]
    assert "DHCP=ipv4" in (host.files.read(NETWORK_FILE) or "")


def test_an_address_that_is_there_already_is_not_asked_for(host: Host, neighbour: Rival) -> None:
    """As after a first boot that was killed: whoever came later is the rival."""
    apply(host, STATIC)
    _ = host.files.remove("/journal")
    neighbour.ip("address", "add", "192.0.2.10/24", "dev", "far")
    apply(host, STATIC)
    assert "192.0.2.10/24" in _held()


def test_a_rival_who_was_too_slow_is_told(host: Host, neighbour: Rival) -> None:
    apply(host, STATIC)
    neighbour.ip("address", "add", "192.0.2.10/24", "dev", "far")
    with pytest.raises(StepFailed, match=f"192.0.2.10 is in use .* {RIVAL_MAC}"):
        settle(host, STATIC)
    assert "192.0.2.10/24" in _held()


def test_a_gateway_that_answers_is_not_spoken_of(host: Host, neighbour: Rival) -> None:
    neighbour.ip("address", "add", "192.0.2.1/24", "dev", "far")
    apply(host, STATIC)
    assert [step.name for step in settle(host, STATIC)] == ["network.settled"]


def test_a_dead_gateway_is_told_and_the_address_kept(host: Host, neighbour: Rival) -> None:
    apply(host, STATIC)
    with pytest.raises(StepFailed, match=r"gateway 192\.0\.2\.1 does not answer") as told:
        settle(host, STATIC)
    assert told.value.code == "gateway-silent"
    assert "192.0.2.10/24" in _held()
    assert "default via 192.0.2.1" in ip("route", "show", "default")
    neighbour.ip("address", "add", "192.0.2.1/24", "dev", "far")
    assert [step.name for step in settle(host, STATIC)] == ["network.settled"]


def test_without_a_cable_nobody_is_asked_and_the_address_stands_ready(host: Host) -> None:
    apply(host, STATIC)
    assert "192.0.2.10/24" in _held()


def test_a_cable_that_comes_a_moment_later_is_awaited(host: Host, neighbour: Rival) -> None:
    neighbour.ip("address", "add", "192.0.2.10/24", "dev", "far")
    neighbour.ip("link", "set", "far", "down")
    with neighbour.soon("link", "set", "far", "up"), pytest.raises(StepFailed, match=RIVAL_MAC):
        apply(host, STATIC)


def test_who_answered_is_known_without_asking(host: Host, neighbour: Rival) -> None:
    neighbour.ip("address", "add", "192.0.2.1/24", "dev", "far")
    apply(host, STATIC)
    settle(host, STATIC)
    silent = ("nud", "failed")
    ip("neighbour", "replace", "192.0.2.7", "dev", "ens32", *silent)
    for address in ("192.0.2.1", "2001:db8::1"):
        stale = ("lladdr", RIVAL_MAC, "nud", "stale")
        ip("neighbour", "replace", address, "dev", "ens32", *stale)
    with Kernel() as kernel:
        card = kernel.link("ens32")
        assert card is not None
        found = {str(one) for one in kernel.neighbours(card.ifindex)}
        assert {"192.0.2.1", "2001:db8::1"} <= found
        assert "192.0.2.7" not in found
        assert kernel.neighbours(card.ifindex + 1000) == frozenset()
