"""The shell's window: closed unless it was opened, and not for longer than was said."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agent.access import shell
from agent.access.places import FLEETING
from agent.access.shell import Window
from agent.errors import InputRefused
from agent.system.files import Files
from tests.fakes.clock import FakeClock

CLOSED = Window(is_open=False, left_s=0)
RECORD = f"{FLEETING}/shell.json"


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)


def test_it_is_closed_at_first(files: Files) -> None:
    assert shell.window(files, FakeClock()) == CLOSED
    assert not shell.close(files)


def test_it_closes_by_itself(files: Files) -> None:
    clock = FakeClock()
    assert shell.open_for(files, clock, 15) == Window(is_open=True, left_s=900)
    clock.pass_s(899.5)
    assert shell.window(files, clock) == Window(is_open=True, left_s=1)
    clock.pass_s(0.5)
    assert shell.window(files, clock) == CLOSED


def test_it_is_closed_by_who_says_so(files: Files) -> None:
    clock = FakeClock()
    _ = shell.open_for(files, clock, 1)
    assert shell.close(files)
    assert shell.window(files, clock) == CLOSED


def test_to_open_it_again_counts_from_then(files: Files) -> None:
    clock = FakeClock()
    _ = shell.open_for(files, clock, 240)
    assert shell.open_for(files, clock, 1).left_s == 60


@pytest.mark.parametrize("minutes", [0, -1, 241, 1.5, "15", None, True, 10**30])
def test_no_other_time_is_taken(files: Files, minutes: object) -> None:
    with pytest.raises(InputRefused, match="whole minutes from 1 to 240"):
        shell.open_for(files, FakeClock(), minutes)
    assert shell.window(files, FakeClock()) == CLOSED


@pytest.mark.parametrize(
    "text", ["{", "[]", "{}", '{"until_s": "soon"}', '{"until_s": NaN}', '{"until_s": 1e400}']
)
def test_a_record_that_cannot_be_understood_opens_nothing(files: Files, text: str) -> None:
    _ = files.write(RECORD, text)
    assert shell.window(files, FakeClock()) == CLOSED


def test_an_end_that_is_too_far_opens_nothing(files: Files) -> None:
    _ = files.write(RECORD, json.dumps({"until_s": 1e9}))
    assert shell.window(files, FakeClock()) == CLOSED
