"""What the status says of the cluster."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.cluster.members import Listed
from agent.cluster.report import Belonging, Report, Reporter
from agent.status import fragment, merge
from agent.steps.journal import Entry
from agent.steps.step import StepState
from agent.system.clock import Clock, stamp
from agent.system.files import Files
from tests.fakes.clock import FakeClock


def _listed(*states: str) -> tuple[Listed, ...]:
    return tuple(
        Listed(str(place), f"node{place}", "192.0.2.1:13000", state, 1.0, 1)
        for place, state in enumerate(states)
    )


@pytest.mark.parametrize(
    ("report", "is_safe"),
    [
        (Report(), True),
        (Report(Belonging.JOINING), False),
        (Report(Belonging.MEMBER, members=_listed("active")), False),
        (Report(Belonging.MEMBER, members=_listed("active", "lost")), False),
        (Report(Belonging.MEMBER, members=_listed("active", "active")), True),
    ],
)
def test_whether_a_restart_is_safe(report: Report, is_safe: bool) -> None:
    said = report.as_json()["safe_to_restart"]
    assert said["yes"] is is_safe
    assert said["because"]


def test_a_join_shows_its_step_and_whether_it_waits(tmp_path: Path) -> None:
    reporter = Reporter(Files(tmp_path), Clock())
    running = Report(Belonging.JOINING).with_step(Entry("join.hello", StepState.RUNNING))
    reporter.tell(running)
    said = merge.published(Files(tmp_path))
    assert (said["phase"], said["state"], said["step"]) == ("cluster", "working", "join.hello")
    reporter.tell(Report(Belonging.JOINING, step="join.hello", waits=True))
    assert merge.published(Files(tmp_path))["state"] == "waiting"
    reporter.tell(Report())
    assert "phase" not in merge.published(Files(tmp_path))


def test_since_when_is_that_of_the_join_and_not_of_first_boot(tmp_path: Path) -> None:
    files, clock = Files(tmp_path), FakeClock()
    _ = fragment.put(files, "firstboot", {"since": "2020-01-01T00:00:00Z", "phase": "ready"})
    reporter = Reporter(files, clock)
    began = stamp(clock.now())
    reporter.tell(Report(Belonging.JOINING))
    clock.pass_s(90)
    reporter.tell(Report(Belonging.JOINING, step="join.hello", waits=True))
    assert merge.published(files)["since"] == began
    reporter.tell(Report())
    assert merge.published(files)["since"] == "2020-01-01T00:00:00Z"
    clock.pass_s(10)
    reporter.tell(Report(Belonging.JOINING))
    assert merge.published(files)["since"] == stamp(clock.now())


def test_a_step_is_shown_once_as_it_stands_last() -> None:
    report = Report(Belonging.JOINING)
    for state in (StepState.RUNNING, StepState.DONE):
        report = report.with_step(Entry("join.hello", state))
    assert [(entry.name, entry.state) for entry in report.steps] == [("join.hello", "done")]
