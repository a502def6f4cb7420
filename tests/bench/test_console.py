"""The console's yardsticks are taken from both programs, in a round as short as can be."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bench.console import YARDSTICKS, measure
from tests.bench.painted import Painted, computed_ms
from tests.lab.call import LabError

ALWAYS = {yardstick.name for yardstick in YARDSTICKS} - {"C6"}


def test_what_was_computed_is_told_in_nanoseconds() -> None:
    assert computed_ms("2500000 931974 2\n") == 2.5


@pytest.mark.outside
def test_each_yardstick_has_a_figure_of_both(tmp_path: Path) -> None:
    figures = {figure.yardstick.name: figure for figure in measure(tmp_path, rounds=1, idle_s=0.5)}
    assert set(figures) >= ALWAYS
    for name in ("C1", "C2", "C3", "C4"):
        assert all(ours > 0 and theirs > 0 for ours, theirs in figures[name].rounds), name
    (paint,) = figures["C4"].rounds
    assert paint[0] > paint[1]
    for name in ("C3", "C5"):
        assert figures[name].is_met, (name, figures[name].rounds)


@pytest.mark.outside
def test_a_program_that_draws_nothing_is_told() -> None:
    shown = Painted(("/bin/echo", "something else"), {})
    try:
        with pytest.raises(LabError, match="'hello' was not drawn"):
            _ = shown.until("hello")
    finally:
        shown.end()
