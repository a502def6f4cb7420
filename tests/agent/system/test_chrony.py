"""What chrony says of the clock."""

from __future__ import annotations

import pytest

from agent.errors import CommandFailed
from agent.system.chrony import Tracking, ask, parse
from agent.system.run import Completed
from tests.fakes.run import FakeRun

LINE = "C000027B,{},3,1767323045.1,0.000012,0.0,0.0,1.2,0.0,0.1,0.01,0.002,64.2,{}\n"


def test_it_is_asked_as_anybody_may() -> None:
    run = FakeRun()
    run.on("chronyc", "-c", "tracking", stdout="a,line\n")
    assert ask(run) == "a,line\n"


def test_where_it_does_not_run_there_is_no_line() -> None:
    run = FakeRun()
    run.on("chronyc", returncode=1, stdout="506 Cannot talk to daemon\n")
    assert ask(run) == ""


def test_nor_where_it_is_not_installed_or_too_slow() -> None:
    def missing(*argv: str, **_: object) -> Completed:
        raise CommandFailed("chronyc is not there")

    assert ask(missing) == ""


@pytest.mark.parametrize(
    ("line", "found"),
    [
        (LINE.format("ntp1.example.com", "Normal"), Tracking("ntp1.example.com", "0.000012", True)),
        (LINE.format("", "Not synchronised"), Tracking("", "0.000012", False)),
        (LINE.format("192.0.2.9", "Insert second"), Tracking("192.0.2.9", "0.000012", True)),
        ("", None),
        ("506 Cannot talk to daemon", None),
    ],
)
def test_its_line_is_read(line: str, found: Tracking | None) -> None:
    assert parse(line) == found
