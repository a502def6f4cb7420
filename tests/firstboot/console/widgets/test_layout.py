"""Parts in the rows that there are."""

from __future__ import annotations

from dataclasses import replace

from agent.status.words import Row
from firstboot.console.widgets.field import Field
from firstboot.console.widgets.form import Button, Form
from firstboot.console.widgets.layout import Laid, lay_out
from firstboot.console.widgets.menu import Item, Menu
from firstboot.console.widgets.rows import Fit, Rows

MENU = Menu((Item("one", "One"), Item("two", "Two")), title="Menu")


def rows(count: int, fit: Fit = Fit.WHOLE) -> Rows:
    return Rows("Rows", tuple(Row(f"row{at}", "text") for at in range(count)), fit)


def text(laid: Laid) -> str:
    return "\n".join("".join(span.text for span in line) for line in laid.picture.lines)


def test_it_has_exactly_the_rows_that_there_are() -> None:
    assert len(lay_out((rows(3),), 80, 22).picture.lines) == 22
    assert len(lay_out((rows(99), MENU), 80, 22, is_pinned=True).picture.lines) == 22


def test_what_is_pinned_stands_while_the_rest_scrolls() -> None:
    laid = lay_out((rows(40), MENU), 80, 22, scroll=5, is_pinned=True)

    assert laid.below
    assert "row4 " in text(laid)
    assert "row3 " not in text(laid)
    assert "1 One" in text(laid)
    assert laid.picture.cursor == (2, 19)


def test_to_scroll_ends_at_the_end() -> None:
    laid = lay_out((rows(40),), 80, 22, scroll=999)

    assert (laid.scroll, laid.below) == (20, False)
    assert "row39" in text(laid)


def test_the_marked_field_is_always_seen() -> None:
    fields = tuple(Field(f"f{at}", f"Field {at}") for at in range(40))
    form = Form(fields, (Button("ok", "OK"),), title="Form")
    for at in (0, 20, 39, 40):
        laid = lay_out((replace(form, at=at),), 80, 22)
        assert laid.picture.cursor is not None
        wanted = f"Field {at}" if at < 40 else "[ OK ]"
        shown = text(laid).split("\n")[laid.picture.cursor[1]]
        assert wanted in shown


def test_rows_that_may_go_do_where_there_is_no_room() -> None:
    assert (
        "row0" not in text(lay_out((rows(18), rows(5, Fit.OR_NOT)), 80, 20)).partition("row17")[2]
    )
    kept = text(lay_out((rows(10), rows(30, Fit.LAST_ROWS)), 80, 22))
    assert "row29" in kept
    assert "row19 " not in kept
