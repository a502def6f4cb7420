"""The menu: arrows, digits, columns."""

from __future__ import annotations

from dataclasses import replace

import pytest

from firstboot.console.keys import Press
from firstboot.console.widgets.menu import Item, Menu

MENU = Menu(tuple(Item(f"item{at}", f"Item {at}", f"About {at}.") for at in range(12)), across=3)


def moved(menu: Menu, *names: str) -> int:
    for name in names:
        chosen = menu.press(Press(name))
        assert chosen is not None
        menu = chosen.menu
    return menu.at


@pytest.mark.parametrize(
    ("keys", "at"),
    [
        (("down",), 1),
        (("up",), 11),
        (("right",), 4),
        (("right", "right", "right"), 11),
        (("end", "left"), 7),
        (("end", "down"), 0),
        (("end", "home"), 0),
    ],
)
def test_arrows_go_down_column_by_column(keys: tuple[str, ...], at: int) -> None:
    assert moved(MENU, *keys) == at


@pytest.mark.parametrize(
    ("key", "name"), [("1", "item0"), ("9", "item8"), ("0", "item9"), ("B", "item11")]
)
def test_its_sign_chooses_an_item_at_once(key: str, name: str) -> None:
    chosen = MENU.press(Press(text=key))

    assert chosen is not None
    assert chosen.name == name


@pytest.mark.parametrize("press", [Press("enter"), Press(text=" ")])
def test_enter_chooses_the_marked_one(press: Press) -> None:
    assert replace(MENU, at=3).press(press) == (replace(MENU, at=3), "item3")


@pytest.mark.parametrize("text", ["z", "c", "?", "12", ""])
def test_other_keys_choose_nothing(text: str) -> None:
    assert MENU.press(Press(text=text)) is None


def test_the_marked_item_is_explained_and_has_the_cursor() -> None:
    picture = replace(MENU, at=5).draw(76)

    assert picture.cursor == (25, 1)
    assert picture.lines[-1][0].text == "About 5."


def test_an_empty_menu_does_nothing() -> None:
    assert Menu(()).press(Press("down")) is None
    assert Menu(()).draw(40).lines == ()
