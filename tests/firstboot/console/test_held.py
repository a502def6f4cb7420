"""A form that changes something is held by one console; another one is told, and may take over."""

from __future__ import annotations

import pytest

from agent.errors import BandstandError, NotNow, NotReachable
from agent.settings.declaration import SECTIONS
from firstboot.console.errands import Errands
from firstboot.console.screen import Ask, FormScreen
from firstboot.console.screens import table
from firstboot.console.world import World
from tests.fakes.console import Bench

BUSY = NotNow(
    "bandstand-console on ttyS0 edits the form, since 10:02",
    hint="wait for it, or take the form over",
    code="editing",
)
# The keys that lead to each form, and the section that it holds.
FORMS = {
    "network": ("1", "network"),
    "node": ("2", "node"),
    "certificate.install": ("31", "tls"),
    "join": ("41", "cluster"),
    "password": ("96", "node"),
    "time servers": ("a1", "network"),
    "more of the node": ("a2", "node"),
    "portal": ("a3", "portal"),
    "display": ("b", "node"),
}
# Those that fill in nothing that is kept.
_OTHERS = {"login"}

forms = pytest.mark.parametrize(("keys", "form"), FORMS.values(), ids=FORMS)


def test_no_form_is_left_out() -> None:
    """A category is the one that takes its section from who opens it."""
    screens = {noun: table.make(noun) for noun in table.SCREENS}
    found = {noun: one for noun, one in screens.items() if isinstance(one, FormScreen)}
    sections = {noun: one.holds(World(now=Bench().clock.now())) for noun, one in found.items()}

    assert {noun for noun, form in sections.items() if not form} == {*_OTHERS, "category"}
    assert set(sections.values()) - {""} <= set(SECTIONS)


@forms
def test_who_opens_it_holds_it_until_it_is_left(keys: str, form: str) -> None:
    bench = Bench().opened(*keys)
    assert bench.asked("editing") == [{"form": form, "take_over": False}]

    _ = bench.keys("esc")

    assert bench.asked("editing")[1:] == [{"form": form, "done": True}]


@forms
def test_another_one_is_told_and_takes_it_over(keys: str, form: str) -> None:
    bench = Bench(answers={"editing": BUSY}).opened(*keys)
    assert "ttyS0 edits the form, since 10:02 wait for it" in bench.words()

    _ = bench.keys("right", "enter")

    assert bench.asked("editing")[1:] == [{"form": form, "take_over": True}]


@forms
def test_or_leaves_it_to_them(keys: str, form: str) -> None:
    bench = Bench(answers={"editing": BUSY}).opened(*keys)
    noun = bench.noun

    _ = bench.keys("enter")

    assert bench.noun != noun
    assert bench.asked("editing")[1:] == [{"form": form, "done": True}]


TAKEN = NotNow("the form was taken over by root on pts/0, at 10:04", code="taken-over")


@pytest.mark.parametrize(
    ("keys", "typed", "verb", "form"),
    [
        ("2", ("x", *["tab"] * 6, "enter", "enter"), "node-set", "node"),
        ("96", ("s3cret-word", "tab", "s3cret-word", *["tab"] * 2, "enter", "enter"), "node-set",
         "node"),
    ],
    ids=["node", "password"],
)  # fmt: skip
def test_who_lost_it_is_told_when_they_apply(
    keys: str, typed: tuple[str, ...], verb: str, form: str
) -> None:
    bench = Bench(answers={verb: TAKEN}).opened(*keys).keys(*typed)
    assert bench.asked(verb)
    assert "taken over by root on pts/0" in bench.words()

    _ = bench.keys("right", "enter")

    assert bench.asked("editing")[-1] == {"form": form, "take_over": True}


@pytest.mark.parametrize("error", [NotReachable("nobody answers"), BandstandError("broke")])
def test_what_else_goes_wrong_is_nobody_elses_editing(error: BandstandError) -> None:
    words = Bench(answers={"editing": error}).opened(*"41").words()

    assert "This did not work" in words
    assert "Somebody edits" not in words


def test_the_first_password_is_set_without_asking_for_more() -> None:
    """Who may not log in yet may ask for that alone; another login would be wanted here."""
    bench = Bench("no password").started().keys("2")

    assert (bench.noun, bench.asked("editing")) == ("password", [])


def test_what_a_screen_below_holds_too_is_not_let_go() -> None:
    asks: list[Ask] = []
    errands = Errands(Putting(asks))
    for sheet in (1, 2):
        errands.put(Ask("editing", {"form": "node"}), sheet, 0.0)

    errands.gone(2, 0.0)
    assert len(asks) == 2
    errands.gone(1, 0.0)

    assert asks[2].args == {"form": "node", "done": True}


class Putting:
    """Keeps what is asked."""

    def __init__(self, asks: list[Ask]) -> None:
        self.asks = asks

    def put(self, ask: Ask) -> None:
        self.asks.append(ask)
