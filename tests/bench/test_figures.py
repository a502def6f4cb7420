"""Ratios, tables and verdicts out of rounds."""

from __future__ import annotations

import pytest

from tests.bench.figures import YARDSTICKS, Figure, Yardstick, failed, table, with_measured

BY_NAME = {yardstick.name: yardstick for yardstick in YARDSTICKS}


def _figure(name: str, *rounds: tuple[float, float]) -> Figure:
    return Figure(BY_NAME[name], rounds)


def test_the_ratio_is_the_median_of_paired_ones() -> None:
    figure = _figure("A1", (10, 100), (40, 100), (100, 50))
    assert figure.ratios == (0.1, 0.4, 2.0)
    assert figure.ratio == 0.4


@pytest.mark.parametrize(("ours", "names"), [(65, ()), (66, ("A2",))])
def test_a_gate_holds_up_to_its_bar(ours: float, names: tuple[str, ...]) -> None:
    assert failed([_figure("A2", (ours, 100))]) == names


def test_what_moves_with_the_load_fails_no_run() -> None:
    figures = [_figure(name, (9, 1)) for name in ("A1", "A5", "A6", "A7", "A8")]
    assert not failed(figures)
    assert [figure.is_met for figure in figures] == [False, False, False, False, True]


def test_a_row_tells_n_median_and_span() -> None:
    told = table([_figure("A3", (100, 400), (200, 400), (300, 400))])
    assert told.splitlines()[-1] == (
        "| A3 | instructions of the job, the kernel's too | 3 | 200 M (100..300) |"
        " 400 M (400..400) | 0.50 (0.25..0.75) | <= 0.42 | NO |"
    )


def test_json_has_every_round() -> None:
    told = _figure("A8", (1, 4), (2, 4)).as_json()
    assert (told["n"], told["bandstand"], told["ci-lean"]) == (2, [1, 2], [4, 4])
    assert (told["ratio"], told["must"], told["met"]) == (0.375, None, True)


def test_only_the_measured_part_of_the_page_changes() -> None:
    page = "before\n<!-- figures -->\nold\n<!-- end of figures -->\nafter\n<!-- console -->\n"
    assert with_measured(page, "new\n", what="figures") == page.replace("old", "new")


IDLE = Yardstick(name="X", what="idle", unit="ms", most=10, gates=True, beside="urwid")


@pytest.mark.parametrize(("ours", "names"), [(10, ()), (11, ("X",))])
def test_where_theirs_is_nothing_ours_has_a_bar_of_its_own(
    ours: float, names: tuple[str, ...]
) -> None:
    figure = Figure(IDLE, ((ours, 0), (1, 0), (90, 0)))
    assert failed([figure]) == names
    row = table([figure]).splitlines()[-1]
    assert row.split(" | ")[-3:-1] == ["-", "<= 10 ms"]
    assert figure.as_json()["ratio"] is None


def test_the_table_says_who_stands_beside() -> None:
    assert "| bandstand | urwid | ratio |" in table([Figure(IDLE, ((1, 1),))])
    assert "| bandstand | ci-lean | ratio |" in table([_figure("A1", (1, 1))])
