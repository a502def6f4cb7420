"""The page as it is drawn: at every size, with nothing that a virtual terminal cannot draw."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
import urwid

from firstboot.console.model import News, page
from firstboot.console.preview import Scene, scenes
from firstboot.console.view import PALETTE, Face, drawable

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)
SCENES = {scene.name: scene for scene in scenes(NOW)}
SIZES = [(80, 24), (80, 25), (160, 50)]
BOXES = frozenset("┌─┐│└┘")
EIGHT_BACKGROUNDS = {
    "black", "dark red", "dark green", "brown", "dark blue", "dark magenta", "dark cyan",
    "light gray",
}  # fmt: skip


@pytest.fixture(autouse=True)
def utf8() -> None:
    urwid.set_encoding("utf-8")


def face(scene: Scene) -> Face:
    news = News(scene.age_s, exists=bool(scene.status))
    return Face(page(scene.status, product="Bandstand", news=news, now=NOW))


def lines(shown: Face, size: tuple[int, int]) -> list[str]:
    return [line.decode() for line in shown.render(size, True).text]


def drawn(scene: Scene, size: tuple[int, int] = (80, 25)) -> list[str]:
    return lines(face(scene), size)


@pytest.mark.parametrize(
    "size", [*SIZES, (81, 24), (300, 100), (79, 24), (80, 23), (20, 5), (1, 1)]
)
@pytest.mark.parametrize("name", SCENES)
def test_it_fills_any_size_exactly(name: str, size: tuple[int, int]) -> None:
    screen = drawn(SCENES[name], size)

    assert [len(line) for line in screen] == [size[0]] * size[1]


@pytest.mark.parametrize("size", SIZES)
def test_a_ready_node_says_all_that_is_wanted(size: tuple[int, int]) -> None:
    text = "\n".join(drawn(SCENES["member"], size))

    for wanted in (
        "Bandstand 0.1.0",
        "node-1",
        "State         ready",
        "ens32  192.0.2.21/24  DHCP, link up",
        "Gateway       192.0.2.1",
        "DNS           192.0.2.53, 192.0.2.54",
        "Open this     https://192.0.2.21/cluster",
        "SHA-256 9F3A 7701 C25E B814 3D6A 40F0 B2C7 118E",
        "        55AB 90D4 1F6E 2C77 99B1 A0E4 D3C8 5F26",
        "member of production",
        "node-2  192.0.2.22  active  last heard of 3 min ago",
        "Restart now   safe: yes",
        "news 2 s old",
    ):
        assert wanted in text


@pytest.mark.parametrize("size", SIZES)
def test_each_fault_stands_there_with_its_hint(size: tuple[int, int]) -> None:
    text = " ".join(" ".join(drawn(SCENES["refused answers"], size)).replace("│", " ").split())

    assert "network.gateway 192.0.3.1 is not on the link 192.0.2.21/24" in text
    assert "what to do: give an address between 192.0.2.1 and 192.0.2.254, or none" in text
    assert "tls.key the key does not belong to the certificate" in text
    assert "network instead of what was asked: DHCP" in text
    assert "MORE BELOW" not in text


def test_the_page_is_not_offered_before_it_answers() -> None:
    text = "\n".join(drawn(SCENES["web page not up"]))

    assert "Open this" not in text
    assert "waiting for https://192.0.2.21/cluster to answer, for" in text


def test_old_news_are_an_alarm_in_words() -> None:
    screen = drawn(SCENES["no news"])

    assert screen[-1].startswith(" NO NEWS for 75 s")
    assert "unknown, last said 75 s ago: ready" in screen[2]


@pytest.mark.parametrize("size", [(79, 25), (80, 23), (60, 12)])
def test_a_small_terminal_gets_the_most_and_a_polite_word(size: tuple[int, int]) -> None:
    text = "\n".join(drawn(SCENES["ready"], size))

    assert "Please enlarge this terminal to 80x24." in text
    assert "State: ready" in text
    assert "https://192.0.2.21/cluster" in text


def test_content_is_not_drawn_apart_on_a_wide_screen() -> None:
    boxes = [line.strip() for line in drawn(SCENES["ready"], (160, 50)) if "┌" in line]

    assert {len(box) for box in boxes} == {100}


def test_running_steps_show_the_last_ones_that_fit() -> None:
    steps = [{"name": f"stage.step-{number}", "state": "done"} for number in range(40)]
    scene = Scene("long", {"state": "working", "phase": "tls", "steps": steps})

    text = "\n".join(drawn(scene, (80, 24)))

    assert "stage.step-39" in text
    assert "stage.step-0 " not in text
    assert "MORE BELOW" not in text


def test_what_does_not_fit_is_announced_and_reached_by_keys() -> None:
    faults = [{"setting": f"x.{number}", "message": "is wrong"} for number in range(40)]
    shown = face(Scene("many", {"state": "degraded", "faults": faults}))
    size = (80, 24)
    assert "MORE BELOW" in lines(shown, size)[-1]
    assert "x.39" not in "\n".join(lines(shown, size))

    for _ in range(60):
        shown.keypress(size, "down")

    assert "x.39" in "\n".join(lines(shown, size))
    assert "MORE BELOW" not in lines(shown, size)[-1]


def test_a_new_page_is_drawn_and_leaves_the_place_scrolled_to() -> None:
    faults = [{"setting": f"x.{number}", "message": "is wrong"} for number in range(40)]
    status: dict[str, Any] = {"state": "degraded", "faults": faults}
    shown, size = face(Scene("many", status)), (80, 24)
    lines(shown, size)
    for _ in range(12):
        shown.keypress(size, "down")
    before = lines(shown, size)

    shown.show(replace(page(status, product="Bandstand", news=News(9), now=NOW)))

    after = lines(shown, size)
    assert after[1:-1] == before[1:-1]
    assert "news 9 s old" in after[-1]


HOSTILE = (
    "\x1b[2J\x1b]0;owned\x07\x9b31m\r\n\t\x00\x7f\u202e\u200b\ud800名前✓€\x1b[12;20r" + "x" * 3000
)


@pytest.mark.parametrize("size", [*SIZES, (40, 10)])
def test_hostile_text_is_drawn_as_harmless_signs(size: tuple[int, int]) -> None:
    status = {
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
    }

    screen = drawn(Scene("hostile", status), size)

    assert [len(line) for line in screen] == [size[0]] * size[1]
    signs = {sign for line in screen for sign in line} - BOXES
    assert signs == {sign for sign in signs if drawable(sign) == sign}


@pytest.mark.parametrize("sign", ["\x1b", "\n", "\x9b", "名", "✓", "…", "€", "\u202e", "╭"])
def test_what_a_virtual_terminal_would_blot_becomes_a_question_mark(sign: str) -> None:
    assert drawable(f"a{sign}b") == "a?b"


def test_western_letters_stay() -> None:
    assert drawable("Zürich: señal ¿año? 100 % |{}~") == "Zürich: señal ¿año? 100 % |{}~"


def test_colours_are_those_that_a_virtual_terminal_has() -> None:
    assert {background for _, _, background in PALETTE} <= EIGHT_BACKGROUNDS
    assert all("," not in foreground for _, foreground, _ in PALETTE)
