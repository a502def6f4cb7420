"""Text being typed: every edit at every place."""

from __future__ import annotations

import pytest

from firstboot.console.widgets.buffer import LONGEST, Buffer


def test_typing_goes_on_at_the_cursor() -> None:
    assert Buffer("ac", 1).insert("b") == Buffer("abc", 2)


@pytest.mark.parametrize(
    ("edit", "made"),
    [
        ("backspace", Buffer("bc", 0)),
        ("delete", Buffer("ac", 1)),
        ("home", Buffer("abc", 0)),
        ("end", Buffer("abc", 3)),
    ],
)
def test_edits_in_the_middle(edit: str, made: Buffer) -> None:
    assert getattr(Buffer("abc", 1), edit)() == made


def test_nothing_goes_beyond_the_ends() -> None:
    assert Buffer("a", 0).backspace() == Buffer("a", 0)
    assert Buffer("a", 1).delete() == Buffer("a", 1)
    assert Buffer("a", 1).move(5) == Buffer("a", 1)
    assert Buffer("a", 0).move(-5) == Buffer("a", 0)


def test_lines_go_up_and_down_in_their_column() -> None:
    text = "first\nab\nthird"

    assert Buffer(text, 4).line(1) == Buffer(text, 8)
    assert Buffer(text, 8).line(1) == Buffer(text, 11)
    assert Buffer(text, 2).line(-1) is None
    assert Buffer(text, 12).line(1) is None
    assert Buffer(text, 10).place == (1, 2)


def test_home_and_end_are_those_of_the_line() -> None:
    assert Buffer("ab\ncd", 4).home() == Buffer("ab\ncd", 3)
    assert Buffer("ab\ncd", 0).end() == Buffer("ab\ncd", 2)


def test_it_does_not_grow_for_ever_and_shows_nothing_of_itself() -> None:
    full = Buffer.of("x" * LONGEST)

    assert full.insert("more") == full
    assert "secret" not in repr(Buffer.of("secret"))
