"""Before a static address is set, on a real kernel: rivals, no cable, dead gateways."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.accepted.store import Accepted
from agent.change import STAGES, settle
from agent.errors import StepFailed
from agent.network import act
from agent.network.observe import observe
from agent.network.plan import plan
from agent.network.state import NETWORK_FILE
from agent.settings.declaration import Settings
from agent.steps.journal import Journal
from agent.steps.run import run_steps
from agent.steps.step import Step
from agent.system.files import Files
from agent.system.host import Host
from tests.agent.network.test_act import STATIC
from tests.fakes.namespace import Rival, ip, own_network, rival
from tests.fakes.run import FakeRun

pytestmark = pytest.mark.node

RIVAL_MAC = "00:50:56:00:00:99"


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    with own_network():
        ip("link", "add", "ens32", "type", "veth", "peer", "far", "address", RIVAL_MAC)
        yield Host(files=Files(tmp_path), run=FakeRun())


@pytest.fixture
def neighbour(host: Host) -> Iterator[Rival]:
    with rival() as found:
        found.plug("far")
        found.ip("link", "set", "far", "up")
        yield found


def _run(host: Host, steps: tuple[Step, ...]) -> tuple[Step, ...]:
    return run_steps(steps, Journal.load(host.files, "/journal"), host.clock)


def _apply(host: Host) -> tuple[Step, ...]:
    return _run(host, act.steps(plan(STATIC, observe(host)), host))


def _settle(host: Host) -> tuple[Step, ...]:
    return _run(host, act.settling(plan(STATIC, observe(host)), host))


def _held() -> str:
    return ip("-4", "-oneline", "address", "show", "ens32")


def test_a_rival_is_named_and_the_address_never_set(host: Host, neighbour: Rival) -> None:
    neighbour.ip("address", "add", "192.0.2.10/24", "dev", "far")
    with pytest.raises(StepFailed, match=f"192.0.2.10 is in use .* {RIVAL_MAC}") as told:
        _apply(host)
    assert told.value.code == "duplicate-address"
    assert _held() == ""
    assert not host.files.exists(NETWORK_FILE)
    assert neighbour.ip("neighbour", "show", "dev", "far").strip() == ""


def test_a_first_boot_beside_a_rival_takes_dhcp(host: Host, neighbour: Rival) -> None:
    neighbour.ip("address", "add", "192.0.2.10/24", "dev", "far")
    accepted = Accepted(own=Settings(network=STATIC))
    outcome = settle(host, accepted, Journal.load(host.files, "/journal"), stages=STAGES[:1])
    (fault,) = outcome.faults
    assert (fault.setting, fault.code) == ("network", "duplicate-address")
    assert RIVAL_MAC in fault.message
    assert [one.as_json() for one in outcome.fallbacks] == [{"category": "network", "took": "DHCP"}]
    assert "DHCP=ipv4" in (host.files.read(NETWORK_FILE) or "")


def test_an_address_that_is_there_already_is_not_asked_for(host: Host, neighbour: Rival) -> None:
    """As after a first boot that was killed: whoever came later is the rival."""
    _apply(host)
    _ = host.files.remove("/journal")
    neighbour.ip("address", "add", "192.0.2.10/24", "dev", "far")
    _apply(host)
    assert "192.0.2.10/24" in _held()


def test_a_rival_who_was_too_slow_is_told(host: Host, neighbour: Rival) -> None:
    _apply(host)
    neighbour.ip("address", "add", "192.0.2.10/24", "dev", "far")
    with pytest.raises(StepFailed, match=f"192.0.2.10 is in use .* {RIVAL_MAC}"):
        _settle(host)
    assert "192.0.2.10/24" in _held()


def test_a_gateway_that_answers_is_not_spoken_of(host: Host, neighbour: Rival) -> None:
    neighbour.ip("address", "add", "192.0.2.1/24", "dev", "far")
    _apply(host)
    assert [step.name for step in _settle(host)] == ["network.settled"]


def test_a_dead_gateway_is_told_and_the_address_kept(host: Host, neighbour: Rival) -> None:
    _apply(host)
    with pytest.raises(StepFailed, match=r"gateway 192\.0\.2\.1 does not answer") as told:
        _settle(host)
    assert told.value.code == "gateway-silent"
    assert "192.0.2.10/24" in _held()
    assert "default via 192.0.2.1" in ip("route", "show", "default")
    neighbour.ip("address", "add", "192.0.2.1/24", "dev", "far")
    assert [step.name for step in _settle(host)] == ["network.settled"]


def test_without_a_cable_nobody_is_asked_and_the_address_stands_ready(host: Host) -> None:
    _apply(host)
    assert "192.0.2.10/24" in _held()


def test_a_cable_that_comes_a_moment_later_is_awaited(host: Host, neighbour: Rival) -> None:
    neighbour.ip("address", "add", "192.0.2.10/24", "dev", "far")
    neighbour.ip("link", "set", "far", "down")
    with neighbour.soon("link", "set", "far", "up"), pytest.raises(StepFailed, match=RIVAL_MAC):
        _apply(host)
