"""What first boot tells, and when it is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from agent.change import Outcome
from agent.errors import Fault
from agent.status import merge
from agent.status.model import Phase
from agent.steps.journal import Entry, Journal
from agent.steps.run import run_steps
from agent.steps.step import Step, StepState
from agent.system.files import Files
from agent.system.host import Host
from firstboot.report import QUICK, Report
from tests.fakes.clock import FakeClock


@pytest.fixture
def host(tmp_path: Path) -> Host:
    return Host(files=Files(tmp_path))


def _told(host: Host) -> dict[str, Any]:
    return merge.published(host.files)


def test_reading_is_told_at_once(host: Host) -> None:
    Report(host).enter(Phase.READING)
    assert _told(host)["phase"] == "reading"


@pytest.mark.parametrize("state", [StepState.RUNNING, StepState.FAILED])
def test_what_takes_time_or_failed_is_told_at_once(host: Host, state: StepState) -> None:
    report = Report(host)
    report.enter(Phase.NETWORK)
    report.step(Entry("network.link", state))
    told = _told(host)
    assert (told["phase"], told["step"]) == ("network", "network.link")
    assert [row["state"] for row in told["steps"]] == [state]


def test_what_ended_is_told_with_what_begins(host: Host) -> None:
    report = Report(host)
    report.step(Entry("network.link", StepState.RUNNING))
    report.step(Entry("network.link", StepState.DONE))
    assert [row["state"] for row in _told(host)["steps"]] == ["running"]
    report.step(Entry("network.address", StepState.RUNNING))
    assert [row["state"] for row in _told(host)["steps"]] == ["done", "running"]


@pytest.mark.parametrize("name", sorted(QUICK))
def test_what_is_soon_over_is_told_with_what_comes_next(host: Host, name: str) -> None:
    report = Report(host)
    report.step(Entry("network.link", StepState.RUNNING))
    report.step(Entry(name, StepState.RUNNING))
    assert [row["name"] for row in _told(host)["steps"]] == ["network.link"]
    report.step(Entry(name, StepState.FAILED))
    assert [row["state"] for row in _told(host)["steps"]] == ["running", "failed"]


def test_the_end_tells_everything(host: Host) -> None:
    report = Report(host)
    report.step(Entry("tls.pair", StepState.SKIPPED))
    report.end(Outcome((Fault("network.gateway", "is far away"),)))
    told = _told(host)
    assert (told["phase"], told["state"]) == ("ready", "degraded")
    assert [row["name"] for row in told["steps"]] == ["tls.pair"]
    assert told["faults"][0]["setting"] == "network.gateway"


def test_every_step_that_ran_is_told_with_its_times(tmp_path: Path) -> None:
    host = Host(files=Files(tmp_path), clock=FakeClock())
    report = Report(host)
    steps = (
        Step("network.link", lambda: host.clock.pause(1.5)),
        Step("network.address", lambda: host.clock.pause(0.25)),
    )
    _ = run_steps(steps, Journal(host.files, "/journal.json"), host.clock, tell=report.step)
    report.end(Outcome())
    assert _told(host)["steps"] == [
        {
            "name": "network.link",
            "state": "done",
            "started": "2026-01-02T03:04:05Z",
            "seconds": 1.5,
        },
        {
            "name": "network.address",
            "state": "done",
            "started": "2026-01-02T03:04:06Z",
            "seconds": 0.25,
        },
    ]
