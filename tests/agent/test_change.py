"""The story: what is undone, what falls back, and what is told."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Interface
from pathlib import Path

import pytest

from agent.accepted.store import Accepted
from agent.change import Stage, apply, settle
from agent.errors import StepFailed
from agent.settings.declaration import Settings
from agent.settings.network import Network
from agent.status.model import Phase
from agent.steps.journal import Journal
from agent.steps.step import Step, StepState
from agent.system.files import Files
from agent.system.host import Host

STATIC = Settings(network=Network(address=IPv4Interface("192.0.2.10/24")))


def _plain(_: Settings) -> Settings:
    return Settings()


@dataclass
class Scene:
    """Two stages that write down what they are asked; those in `broken` fail."""

    broken: set[str] = field(default_factory=set[str])
    seen: list[str] = field(default_factory=list[str])

    def stage(self, phase: Phase) -> Stage:
        def steps(settings: Settings, _: Accepted, __: Host) -> tuple[Step, ...]:
            wanted = f"{phase}:{settings.network.address or 'dhcp'}"
            return (
                Step(
                    f"{phase}.do",
                    lambda: self._act(wanted),
                    key=wanted,
                    undo=lambda: self.seen.append(f"undo {wanted}"),
                ),
            )

        return Stage(phase, steps, _plain if phase is Phase.NETWORK else None, "DHCP")

    def _act(self, wanted: str) -> None:
        self.seen.append(wanted)
        if wanted in self.broken:
            raise StepFailed(f"{wanted} is broken", hint="mend it")


@pytest.fixture
def host(tmp_path: Path) -> Host:
    return Host(files=Files(tmp_path))


@pytest.fixture
def journal(host: Host) -> Journal:
    return Journal.load(host.files, "/journal.json")


def _both(scene: Scene) -> tuple[Stage, ...]:
    return (scene.stage(Phase.NETWORK), scene.stage(Phase.TLS))


def test_a_change_that_fails_late_is_taken_back_whole(host: Host, journal: Journal) -> None:
    scene = Scene(broken={"tls:192.0.2.10/24"})
    with pytest.raises(StepFailed, match="is broken"):
        apply(host, Accepted(own=STATIC), journal, stages=_both(scene))
    assert scene.seen == [
        "network:192.0.2.10/24",
        "tls:192.0.2.10/24",
        "undo tls:192.0.2.10/24",
        "undo network:192.0.2.10/24",
    ]
    assert journal.entries["network.do"].state is StepState.UNDONE


def test_first_boot_takes_the_fallback_and_goes_on(host: Host, journal: Journal) -> None:
    scene = Scene(broken={"network:192.0.2.10/24"})
    phases: list[Phase] = []
    outcome = settle(host, Accepted(own=STATIC), journal, enter=phases.append, stages=_both(scene))
    assert scene.seen[-2:] == ["network:dhcp", "tls:dhcp"]
    assert [(fall.category, fall.took) for fall in outcome.fallbacks] == [("network", "DHCP")]
    assert [fault.hint for fault in outcome.faults] == ["mend it"]
    assert phases == [Phase.NETWORK, Phase.TLS]


def test_a_stage_without_fallback_costs_only_itself(host: Host, journal: Journal) -> None:
    scene = Scene(broken={"tls:dhcp"})
    outcome = settle(host, Accepted(), journal, stages=_both(scene))
    assert [fault.setting for fault in outcome.faults] == ["tls"]
    assert not outcome.fallbacks


def test_a_second_run_with_nothing_to_change_does_nothing(host: Host, journal: Journal) -> None:
    scene = Scene()
    assert not settle(host, Accepted(own=STATIC), journal, stages=_both(scene)).faults
    scene.seen.clear()
    again = Journal.load(host.files, "/journal.json")
    assert not settle(host, Accepted(own=STATIC), again, stages=_both(scene)).faults
    assert not scene.seen


def test_an_undo_that_fails_neither_hides_the_cause_nor_stops_the_others(
    host: Host, journal: Journal
) -> None:
    undone: list[str] = []

    def broken() -> None:
        raise StepFailed("undo is broken")

    def fail() -> None:
        raise StepFailed("the cause")

    def steps(_: Settings, __: Accepted, ___: Host) -> tuple[Step, ...]:
        return (
            Step("a", lambda: None, undo=lambda: undone.append("a")),
            Step("b", lambda: None, undo=broken),
            Step("c", fail),
        )

    with pytest.raises(StepFailed, match="the cause"):
        apply(host, Accepted(), journal, stages=(Stage(Phase.NODE, steps),))
    assert undone == ["a"]


def test_what_the_system_refuses_costs_the_stage_and_not_the_boot(
    host: Host, journal: Journal
) -> None:
    scene = Scene()

    def full(_: Settings, __: Accepted, ___: Host) -> tuple[Step, ...]:
        raise OSError(28, "No space left on device")

    outcome = settle(
        host, Accepted(), journal, stages=(Stage(Phase.NODE, full), scene.stage(Phase.TLS))
    )
    assert [fault.setting for fault in outcome.faults] == ["node"]
    assert "No space left" in outcome.faults[0].message
    assert scene.seen == ["tls:dhcp"]
