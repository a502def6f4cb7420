"""A typed code is judged slower and slower, and after five wrong ones there is another."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.access import attempts, code, guess
from agent.errors import NotNow
from agent.system.files import Files
from tests.fakes.clock import FakeClock


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)


def _wrong(files: Files, clock: FakeClock) -> None:
    clock.pass_s(attempts.locked_for_s(files, clock, guess.SUBJECT))
    assert not guess.is_right(files, clock, "2222-2222")


def test_the_right_one_is_right_however_it_is_typed(files: Files) -> None:
    clock = FakeClock()
    text = code.keep(files, clock).text
    assert guess.is_right(files, clock, text.lower().replace("-", " "))
    assert not guess.is_right(files, clock, text[:-1])
    assert not guess.is_right(files, clock, "")
    assert not guess.is_right(files, clock, "é" * 8)


def test_without_a_code_nothing_is_right(files: Files) -> None:
    assert not guess.is_right(files, FakeClock(), "")


def test_the_fifth_wrong_one_makes_another(files: Files) -> None:
    clock = FakeClock()
    first = code.keep(files, clock)
    for _ in range(guess.MOST_WRONG - 1):
        _wrong(files, clock)
    now = code.load(files)
    assert now is not None
    assert (now.text, now.wrong) == (first.text, 4)
    _wrong(files, clock)
    made = code.load(files)
    assert made is not None
    assert made.text != first.text
    assert made.wrong == 0


def test_a_right_one_forgives_the_wrong_ones(files: Files) -> None:
    clock = FakeClock()
    text = code.keep(files, clock).text
    for _ in range(3):
        _wrong(files, clock)
    clock.pass_s(60)
    assert guess.is_right(files, clock, text)
    now = code.load(files)
    assert now is not None
    assert now.wrong == 0
    assert attempts.locked_for_s(files, clock, guess.SUBJECT) == 0


def test_while_it_waits_not_even_the_right_one_is_taken(files: Files) -> None:
    clock = FakeClock()
    text = code.keep(files, clock).text
    for _ in range(3):
        _wrong(files, clock)
    with pytest.raises(NotNow) as caught:
        guess.is_right(files, clock, text)
    assert caught.value.code == "locked"
