"""The desk as it is drawn: at every size, with nothing that a virtual terminal cannot draw."""

from __future__ import annotations

from typing import Any

import pytest

from firstboot.console.view import CONTRAST, PALETTES, USUAL
from firstboot.console.widgets.text import Look, drawable
from tests.fakes.console import NAMES, Bench

SIZES = [(80, 24), (80, 25), (160, 50)]
BOXES = frozenset("┌─┐│└┘█")
EIGHT_BACKGROUNDS = {
    "black", "dark red", "dark green", "brown", "dark blue", "dark magenta", "dark cyan",
    "light gray",
}  # fmt: skip


@pytest.mark.parametrize(
    "size", [*SIZES, (81, 24), (300, 100), (79, 24), (80, 23), (20, 5), (1, 1)]
)
@pytest.mark.parametrize("name", NAMES)
def test_it_fills_any_size_exactly(name: str, size: tuple[int, int]) -> None:
    screen = Bench(name).started().lines(size)

    assert [len(line) for line in screen] == [size[0]] * size[1]


@pytest.mark.parametrize("size", SIZES)
def test_a_member_says_all_that_is_wanted(size: tuple[int, int]) -> None:
    text = Bench("joined").started().text(size)

    for wanted in (
        "Bandstand 0.1.0",
        "node-1",
        "State         ready",
        "ens32  192.0.2.21/24  DHCP, link up",
        "192.0.2.1",
        "192.0.2.53, 192.0.2.54",
        "Open this     https://192.0.2.21/cluster",
        "SHA-256 9F3A 7701 C25E B814 3D6A 40F0 B2C7 118E",
        "member of production",
        "node-2  192.0.2.22  active  last heard of 3 min ago",
        "Restart now   safe: yes, another member serves",
    ):
        assert wanted in text


@pytest.mark.parametrize("size", SIZES)
def test_the_menu_is_whole_at_every_size(size: tuple[int, int]) -> None:
    text = Bench("degraded").started().text(size)

    for label in ("1 Network", "0 Restart or power off", "b Keyboard and display", "c Shell"):
        assert label in text


def test_the_page_is_not_offered_before_it_answers() -> None:
    words = Bench(url_answers=False).started().words()

    assert "Open this" not in words
    assert "waiting for https://192.0.2.21/cluster to answer" in words


def test_old_news_are_an_alarm_in_words() -> None:
    screen = Bench("no news").started().lines()

    assert screen[-1].startswith(" NO NEWS for 75 s")
    assert "unknown, last said 75 s ago: ready" in screen[2]
    assert "Open this" not in "".join(screen)


@pytest.mark.parametrize("size", [(79, 25), (80, 23), (60, 12)])
def test_a_small_terminal_gets_the_most_and_a_polite_word(size: tuple[int, int]) -> None:
    text = Bench().started().text(size)

    assert "Please enlarge this terminal to 80x24." in text
    assert "State: ready" in text
    assert "https://192.0.2.21/cluster" in text


def test_content_is_not_drawn_apart_on_a_wide_screen() -> None:
    boxes = [line.strip() for line in Bench().started().lines((160, 50)) if "┌" in line]

    assert {len(box) for box in boxes} == {100}


def test_what_does_not_fit_is_announced_and_scrolled_to_under_the_menu() -> None:
    faults = [{"setting": f"x.{number}", "message": "is wrong"} for number in range(40)]
    bench = Bench(state="degraded", faults=faults).started()
    assert "MORE BELOW" in bench.lines()[-1]
    assert "x.39" not in bench.text()

    for _ in range(6):
        bench.keys("page down").lines()

    assert "x.39" in bench.text()
    assert "MORE BELOW" not in bench.lines()[-1]
    assert "1 Network" in bench.text()


def test_what_is_unchanged_is_not_drawn_again() -> None:
    bench = Bench().started()
    first = bench.face.render((80, 24))
    bench.passed(3)
    bench.face.look()
    assert bench.face.render((80, 24)) is first

    bench.keys("down")
    bench.face.look()
    assert bench.face.render((80, 24)) is not first


HOSTILE = (
    "\x1b[2J\x1b]0;owned\x07\x9b31m\r\n\t\x00\x7f\u202e\u200b\ud800名前✓€\x1b[12;20r" + "x" * 3000
)


def hostile_status() -> dict[str, Any]:
    return {
        "version": HOSTILE,
        "node": {"name": HOSTILE},
        "state": HOSTILE,
        "phase": HOSTILE,
        "network": {
            "interface": HOSTILE,
            "addresses": [HOSTILE],
            "gateway": HOSTILE,
            "dns": [HOSTILE],
            "link": HOSTILE,
        },
        "certificate": {"sha256": HOSTILE, "names": [HOSTILE], "source": HOSTILE},
        "url": HOSTILE,
        "url_answers": True,
        "cluster": {"state": HOSTILE, "members": [{"name": HOSTILE, "state": HOSTILE}]},
        "faults": [{"setting": HOSTILE, "message": HOSTILE, "hint": HOSTILE}],
        "steps": [{"name": HOSTILE, "state": HOSTILE}],
        "notices": [HOSTILE],
        "drift": [{"setting": HOSTILE, "accepted": HOSTILE, "in_force": HOSTILE}],
        "trial": {"state": "waiting", "settings": {HOSTILE: HOSTILE}, "since": HOSTILE},
        "safe_to_restart": {"yes": HOSTILE, "because": HOSTILE},
    }


@pytest.mark.parametrize("size", [*SIZES, (40, 10)])
@pytest.mark.parametrize("key", ["f5", *"1234567890ab"])
def test_hostile_text_is_drawn_as_harmless_signs(key: str, size: tuple[int, int]) -> None:
    told = {"settings": {"accepted": dict.fromkeys(("node.name", "network.dns"), HOSTILE)}}
    bench = Bench(answers={**told, "code": {"code": HOSTILE}}, **hostile_status()).opened(key)

    screen = bench.lines(size)

    assert [len(line) for line in screen] == [size[0]] * size[1]
    signs = {sign for line in screen for sign in line} - BOXES
    assert signs == {sign for sign in signs if drawable(sign) == sign}


@pytest.mark.parametrize("name", [USUAL, CONTRAST])
def test_colours_are_those_that_a_virtual_terminal_has(name: str) -> None:
    palette = PALETTES[name]

    assert {look for look, _, _ in palette} == set(Look)
    assert {background for _, _, background in palette} <= EIGHT_BACKGROUNDS
    assert all("," not in foreground for _, foreground, _ in palette)
