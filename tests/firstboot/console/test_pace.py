"""What is typed is pressed; what a slow line brings of a paste is text."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import pytest

from firstboot.console.keys import NAMED, Press
from firstboot.console.pace import CLOSE_S, Pace

TEXT = "-----BEGIN CERTIFICATE-----\nMIIB\n\nAbC9==\n-----END CERTIFICATE-----\n"


class Line:
    """Readings with pauses between; silence lets go of what is held, as the program does."""

    def __init__(self, *, is_typing: bool = True) -> None:
        self.pace = Pace()
        self.now_s = 100.0
        self.is_typing = is_typing
        self.pressed: list[Press] = []

    def read(self, *keys: str, after_s: float = 0.01, drawn: bool = True) -> Line:
        if after_s >= CLOSE_S:
            self.silent()
        self.now_s += after_s
        self.pressed += self.pace.take(keys, self.now_s, is_typing=self.is_typing)
        if drawn:
            self.pace.done(self.now_s)
        return self

    def silent(self) -> Line:
        self.now_s += CLOSE_S
        self.pressed += self.pace.release()
        return self

    @property
    def said(self) -> str:
        """Texts as they are, keys by name in brackets."""
        return "".join(one.text or f"<{one.name}>" for one in self.pressed)


def _keys(text: str) -> list[str]:
    return ["enter" if sign == "\n" else sign for sign in text]


def _pieces(text: str, random: Random) -> Iterator[list[str]]:
    keys = _keys(text)
    while keys:
        size = random.randint(1, 7)
        yield keys[:size]
        keys = keys[size:]


@pytest.mark.parametrize("seed", range(40))
def test_a_paste_in_pieces_is_text_to_its_end(seed: int) -> None:
    random, line = Random(seed), Line()
    for piece in _pieces(TEXT, random):
        line.read(*piece, after_s=random.uniform(0.001, 0.9 * CLOSE_S))
    assert line.silent().said == TEXT


def test_also_where_it_is_drawn_more_slowly_than_it_comes() -> None:
    line = Line()
    for sign in _keys(TEXT):
        line.read(sign, after_s=0.04, drawn=False)
    assert line.silent().said == TEXT


@pytest.mark.parametrize("seed", range(10))
def test_where_text_chooses_a_paste_means_nothing_but_its_first_piece(seed: int) -> None:
    random, line = Random(seed), Line(is_typing=False)
    for piece in _pieces(TEXT, random):
        line.read(*piece)
    assert TEXT.startswith(line.silent().said)
    assert len(line.said) <= 7


def test_an_enter_right_behind_text_waits_and_is_a_key() -> None:
    line = Line().read("x").read("enter")
    assert (line.said, line.pace.holds) == ("x", True)
    assert line.silent().said == "x<enter>"
    assert not line.pace.holds


def test_so_does_what_comes_right_behind_it() -> None:
    line = Line().read("x", "enter", "y", "tab").read("z")
    assert line.said == "x"
    assert line.silent().said == "x<enter>y<tab>z"


def test_who_types_waits_for_nothing() -> None:
    line = Line()
    for key in ("x", "enter", "y", "enter", "z", "enter"):
        line.read(key, after_s=CLOSE_S)
        assert not line.pace.holds
    assert line.said == "x<enter>y<enter>z<enter>"


@pytest.mark.parametrize("key", sorted(NAMED))
def test_no_other_key_waits(key: str) -> None:
    line = Line().read("tab").read(key).read(key)
    assert line.said == f"<tab><{key}><{key}>"


def test_text_chooses_at_once_and_what_follows_is_one_with_it_later() -> None:
    line = Line(is_typing=False).read("3").read("1")
    assert line.said == "3"
    assert line.silent().pressed == [Press(text="3"), Press(text="1")]


def test_soon_after_a_paste_an_enter_is_its_end_and_later_a_key() -> None:
    line = Line().read(*_keys("a\nb\nc"))
    assert line.read("enter", after_s=0.1).said == "a\nb\nc\n"
    assert line.read("enter", after_s=0.3).said == "a\nb\nc\n<enter>"


def test_what_is_held_is_let_go_before_another_time() -> None:
    """Where reading came first although the silence was over."""
    line = Line().read("x").read("enter")
    line.now_s += 1
    assert line.read("y").said == "x<enter>y"


def test_what_never_ends_is_not_held_for_ever() -> None:
    line = Line().read("x").read("enter")
    for _ in range(100):
        line.read(*["tab"] * 100)
    assert len(line.said) > 1000
