"""The form: where the mark goes, what keys do there, when a fault is said."""

from __future__ import annotations

from dataclasses import replace

import pytest

from firstboot.console.keys import Press
from firstboot.console.widgets.field import Choice, Entry, Field
from firstboot.console.widgets.form import SHOW, Button, Form
from firstboot.console.widgets.text import Picture

FORM = Form(
    (
        Field("name", "Name", "What it is called."),
        Field("mode", "Mode", entry=Entry.CHOICE, choices=(Choice("a", "A"), Choice("b", "B"))),
        Field("keys", "Keys", entry=Entry.AREA),
        Field("password", "Password", entry=Entry.MASKED),
        Field(SHOW, "Show", entry=Entry.SWITCH),
    ),
    (Button("apply", "Apply"), Button("back", "Back")),
)


def pressed(form: Form, *keys: str) -> Form:
    for key in keys:
        is_name = len(key) > 1 and not key.startswith("=")
        press = Press(key) if is_name else Press(text=key.removeprefix("="))
        result = form.press(press)
        assert result is not None, key
        form = result.form
    return form


def text(picture: Picture) -> str:
    return "\n".join("".join(span.text for span in line) for line in picture.lines)


def test_tab_goes_round_both_ways() -> None:
    assert pressed(FORM, *["tab"] * 7).at == 0
    assert pressed(FORM, "shift tab").at == 6


def test_a_field_is_entered_at_the_end_of_its_text() -> None:
    form = pressed(FORM.filled({"name": "node"}), "home", "tab", "shift tab", "=x")

    assert form.texts["name"] == "nodex"


def test_the_cursor_stands_where_typing_goes_on() -> None:
    picture = pressed(FORM, "=node", "left").draw(76)

    assert picture.cursor == (19 + 1 + 3, 0)


def test_arrows_leave_one_line_but_not_the_middle_of_many() -> None:
    form = pressed(FORM, "down", "down", "=1", "enter", "=2")
    assert (form.at, form.texts["keys"]) == (2, "1\n2")

    assert pressed(form, "up").at == 2
    assert pressed(form, "up", "up").at == 1
    assert pressed(form, "down").at == 3


def test_choices_turn_by_arrows_and_space() -> None:
    form = pressed(FORM.filled({"mode": "a"}), "tab", "right")
    assert form.texts["mode"] == "b"
    assert pressed(form, "= ").texts["mode"] == "a"
    assert pressed(form, "left", "left").texts["mode"] == "b"


def test_a_secret_is_stars_until_the_switch_shows_it() -> None:
    form = pressed(FORM, "tab", "tab", "tab", "=s3cret")
    assert "s3cret" not in text(form.draw(76))
    assert "[******" in text(form.draw(76))

    assert "s3cret" in text(pressed(form, "tab", "= ").draw(76))


def test_buttons_are_one_row_and_enter_presses_the_marked_one() -> None:
    form = pressed(FORM, *["tab"] * 5)
    assert form.marked is None
    result = pressed(form, "right").press(Press("enter"))

    assert result is not None
    assert result.button == "back"
    assert pressed(form, "right", "up").marked == FORM.fields[4]
    assert form.press(Press("left")) is None


def test_a_fault_stands_below_its_field_at_once() -> None:
    form = replace(FORM, faults={"name": "is no name; accepted is one"})

    assert "! is no name; accepted is one" in text(form.draw(76))


def test_what_is_missing_waits_until_the_field_was_left() -> None:
    form = replace(FORM, faults={"name": "is blank"}, missing=frozenset({"name"}))
    assert form.said("name") == ""

    assert pressed(form, "tab").said("name") == "is blank"
    assert form.tried().said("name") == "is blank"


def test_to_try_marks_the_first_fault() -> None:
    assert replace(FORM, faults={"password": "is short"}).tried().at == 3


def test_a_hidden_field_is_passed_over_and_the_mark_stays_on_its_own() -> None:
    form = pressed(FORM, "tab", "tab")
    hidden = form.mapped(lambda one: replace(one, is_hidden=one.key == "mode"))

    assert hidden.marked == FORM.fields[2]
    assert pressed(hidden, "shift tab").marked == FORM.fields[0]


def test_the_mark_on_a_button_stays_there_when_fields_go() -> None:
    form = pressed(FORM, "shift tab")
    hidden = form.mapped(lambda one: replace(one, is_hidden=one.key == "mode"))

    assert hidden.press(Press("enter")) == (hidden, "back")


def test_pasted_lines_stay_one_line_where_there_is_one() -> None:
    assert pressed(FORM, "=a\nb").texts["name"] == "a b"


@pytest.mark.parametrize("columns", [40, 76, 96])
def test_a_long_text_shows_where_typing_goes_on(columns: int) -> None:
    form = FORM.filled({"name": "x" * 200 + "end"})
    picture = form.draw(columns)

    assert "end" in text(picture).split("\n")[0]
    assert picture.cursor is not None
    assert picture.cursor[0] < columns
    assert max(map(len, text(picture).split("\n"))) <= columns


def test_a_key_that_means_nothing_is_said_to() -> None:
    assert FORM.press(Press("f7")) is None
    assert FORM.press(Press("esc")) is None


def test_each_line_end_of_a_paste_parts_words_wherever_a_piece_of_it_ends() -> None:
    form = FORM.filled({"name": ""})
    for piece in ("one\n", "two", "\nthree"):
        taken = form.press(Press(text=piece))
        assert taken is not None
        form = taken.form

    assert form.find("name").text == "one two three"
