"""Lines: what can be drawn, how they are broken, boxes."""

from __future__ import annotations

import pytest

from firstboot.console.widgets.big import Big
from firstboot.console.widgets.text import (
    Picture,
    Span,
    boxed,
    clipped,
    drawable,
    length,
    on_screen,
    padded,
    wrapped,
)


@pytest.mark.parametrize("sign", ["\x1b", "\n", "\x9b", "名", "✓", "…", "€", "\u202e", "╭", "─"])
def test_what_a_virtual_terminal_would_blot_becomes_a_question_mark(sign: str) -> None:
    assert drawable(f"a{sign}b") == "a?b"


def test_western_letters_stay() -> None:
    assert drawable("Zürich: señal ¿año? 100 % |{}~") == "Zürich: señal ¿año? 100 % |{}~"


def test_boxes_are_for_widgets_alone() -> None:
    assert on_screen("│█\x1b") == "│█?"


@pytest.mark.parametrize("columns", [1, 3, 10])
def test_lines_are_padded_and_clipped_to_the_column(columns: int) -> None:
    line = (Span("abcd"), Span("efgh"))

    assert length(padded(line, columns)) == columns
    assert "".join(span.text for span in clipped(line, columns)) == "abcdefgh"[:columns]


def test_words_longer_than_a_line_are_broken() -> None:
    assert wrapped("x" * 25 + " end", 10) == ["x" * 10, "x" * 10, "xxxxx end"]
    assert wrapped("", 10) == [""]


def test_a_box_moves_the_cursor_with_it() -> None:
    box = boxed("Title", Picture(((Span("text"),),), (1, 0), (0, 0)), 20)

    assert (box.cursor, box.focus) == ((3, 1), (1, 1))
    assert [length(line) for line in box.lines] == [20, 20, 20]


def test_large_letters_are_of_one_size() -> None:
    lines = Big("K7QF-2M9T").draw(80).lines

    assert {length(line) for line in lines} == {9 * 6 - 1}
    assert len(lines) == 5
