"""Tries that fail wait longer each time, over all connections, and not longer than said."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.access import attempts
from agent.access.attempts import FORGOTTEN_S, LONGEST_S, Failed, wait_s, with_one_more
from agent.access.places import FLEETING
from agent.errors import NotNow
from agent.system.files import Files
from tests.fakes.clock import FakeClock


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)


def test_the_rule_as_it_is_written() -> None:
    waits = [wait_s(Failed(tries, 100.0), 100.0) for tries in range(14)]
    assert waits == [0, 0, 0, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]
    assert wait_s(Failed(10_000, 0.0), 0.0) == LONGEST_S


def test_what_has_passed_is_waited_no_more() -> None:
    assert wait_s(Failed(5, 100.0), 103.0) == 5
    assert wait_s(Failed(5, 100.0), 109.0) == 0


def test_an_hour_without_one_forgets_them() -> None:
    many = Failed(9, 0.0)
    assert with_one_more(many, FORGOTTEN_S) == Failed(10, FORGOTTEN_S)
    assert with_one_more(many, FORGOTTEN_S + 1).tries == 1


def test_two_are_free_then_it_is_said_how_long(files: Files) -> None:
    clock = FakeClock()
    for _ in range(3):
        attempts.begin(files, clock, "admin")
    with pytest.raises(NotNow, match=r"the next one is taken in 2 s") as caught:
        attempts.begin(files, clock, "admin")
    assert caught.value.code == "locked"
    assert attempts.locked_for_s(files, clock, "admin") == 2
    clock.pass_s(2)
    attempts.begin(files, clock, "admin")
    assert attempts.locked_for_s(files, clock, "admin") == 4


def test_a_refused_try_does_not_prolong_the_wait(files: Files) -> None:
    clock = FakeClock()
    for _ in range(3):
        attempts.begin(files, clock, "admin")
    clock.pass_s(1)
    with pytest.raises(NotNow):
        attempts.begin(files, clock, "admin")
    clock.pass_s(1)
    attempts.begin(files, clock, "admin")


def test_another_process_sees_the_same(files: Files, tmp_path: Path) -> None:
    clock = FakeClock()
    for _ in range(3):
        attempts.begin(files, clock, "admin")
    assert attempts.locked_for_s(Files(tmp_path), clock, "admin") == 2
    assert attempts.locked_for_s(files, clock, "code") == 0


def test_a_right_one_begins_anew(files: Files) -> None:
    clock = FakeClock()
    for _ in range(3):
        attempts.begin(files, clock, "admin")
    attempts.clear(files, clock, "admin")
    attempts.begin(files, clock, "admin")
    assert attempts.locked_for_s(files, clock, "admin") == 0


def test_nobody_but_root_could_make_it_forget(files: Files) -> None:
    attempts.begin(files, FakeClock(), "admin")
    assert FLEETING.startswith("/run/")
    assert not FLEETING.startswith("/run/bandstand/")
    assert files.path(FLEETING).stat().st_mode & 0o777 == 0o700
    assert files.mode(f"{FLEETING}/failed-admin.json") == 0o600
