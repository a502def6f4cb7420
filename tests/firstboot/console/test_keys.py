"""Keys as urwid names them, as presses: what is typed, what is pasted, what is nonsense."""

from __future__ import annotations

import pytest

from firstboot.console.keys import Press, is_paste, presses


def test_text_comes_as_one_and_keys_by_name() -> None:
    assert presses(["a", "b", " ", "tab", "c"]) == [
        Press(text="ab "),
        Press("tab"),
        Press(text="c"),
    ]


@pytest.mark.parametrize("key", ["shift tab", "meta tab"])
def test_a_virtual_terminal_sends_its_own_shift_tab(key: str) -> None:
    assert presses([key]) == [Press("shift tab")]


def test_line_ends_within_a_paste_belong_to_its_text() -> None:
    pasted = ["a", "enter", "b", "enter", "c", "tab"]

    assert presses(pasted) == [Press(text="a\nb\nc"), Press("tab")]


def test_one_enter_between_texts_is_a_key() -> None:
    typed = ["a", "enter", "b"]

    assert presses(typed) == [Press(text="a"), Press("enter"), Press(text="b")]


@pytest.mark.parametrize(
    "key",
    [("mouse press", 1, 5, 5), ("cursor position", 1, 1), "<128>", "ctrl c", "ctrl z", "meta x",
     "begin paste", "\x1b", "\x00", "\x7f", "\x9b", "", "\ud800", "\u202e", "focus in"],
)  # fmt: skip
def test_what_means_nothing_is_left_out(key: object) -> None:
    assert presses([key]) == []


def test_all_line_ends_of_a_paste_are_text_also_in_its_rest() -> None:
    """Wherever a reading begins and ends."""
    lines = ["enter", "a", "enter", "b", "enter", "c", "enter"]

    assert is_paste(lines)
    assert presses(lines) == [Press(text="\na\nb\nc\n")]
    assert not is_paste(["d", "enter"])
    assert presses(["d", "enter"]) == [Press(text="d"), Press("enter")]
    assert presses(["d", "enter"], is_pasted=True) == [Press(text="d\n")]
