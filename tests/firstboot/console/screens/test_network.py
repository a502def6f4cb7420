"""The form of the network: filled, judged, tried, kept or put back."""

from __future__ import annotations

import pytest

from agent.errors import Fault, InputRefused, NotNow, StepFailed
from firstboot.console.screens.network import KEYS, NetworkScreen, derived, wished
from firstboot.console.situations import SETTINGS
from firstboot.console.widgets.form import Form
from tests.fakes.console import Bench

STATIC = ("right", "tab", "192.0.2.77/24", "tab", "tab", "192.0.2.1", "tab", "192.0.2.53")
TO_APPLY = ("tab", "tab", "tab", "tab", "enter")


def form_of(bench: Bench) -> Form:
    top = bench.desk.top
    assert isinstance(top, NetworkScreen)
    return top.form


def applied(bench: Bench) -> Bench:
    return bench.opened("1").keys(*STATIC, *TO_APPLY, "enter")


def test_accepted_settings_fill_it() -> None:
    texts = wished(form_of(Bench("joined").opened("1")))

    assert texts["network.mode"] == "static"
    assert texts["network.address"] == "192.0.2.21/24"
    assert texts["network.dns"] == "192.0.2.53, 192.0.2.54"


def test_refused_ones_fill_it_with_the_fault_beside_its_field() -> None:
    bench = Bench("refused").opened("1")

    assert form_of(bench).texts["network.gateway"] == "192.0.3.1"
    marked = form_of(bench).marked
    assert marked is not None
    assert marked.key == "network.gateway"
    assert "! '192.0.3.1' is not on the link of 192.0.2.21/24" in bench.words()


def test_an_answer_mended_loses_its_fault_while_it_is_typed() -> None:
    bench = Bench("refused").opened("1").keys("ctrl u", "192.0.2.1")

    assert "is not on the link" not in bench.words()
    assert form_of(bench).faults == {}


@pytest.mark.parametrize(
    ("text", "netmask", "said"),
    [
        ("192.0.2.10/24", "", "network 192.0.2.0/24, broadcast 192.0.2.255"),
        ("10.1.2.3", "255.255.0.0", "network 10.1.0.0/16, broadcast 10.1.255.255"),
        ("192.0.2.10/31", "", "network 192.0.2.10/31, no broadcast"),
        ("192.0.2.10", "", ""),
        ("192.0.2", "24", ""),
        ("", "", ""),
    ],
)
def test_what_follows_from_the_address_is_shown(text: str, netmask: str, said: str) -> None:
    assert derived(text, netmask) == said


def test_a_member_is_told_that_its_addresses_stay() -> None:
    told = "the others reach it by its addresses"
    assert told in Bench("joined").opened("1").words()
    assert told not in Bench().opened("1").words()
    member = {"settings": {**SETTINGS, "membership": "member"}}
    assert told in Bench("joined", member).opened("1").words()
    assert told not in Bench("recovery", member).opened("1").words()


def test_what_changes_is_shown_before_it_is_tried() -> None:
    bench = Bench("joined").opened("1").keys("tab", *["backspace"] * 5, "9/24")
    bench.keys(*["tab"] * 7, "enter")

    assert "IPv4 address: 192.0.2.21/24 -> 192.0.2.9/24" in bench.words()
    assert bench.asked("network-set") == []


def test_nothing_is_asked_where_nothing_changes() -> None:
    bench = Bench("joined").opened("1").keys(*["shift tab"] * 2, "enter")

    assert "Nothing differs from what holds." in bench.words()


def test_it_is_tried_with_a_person_who_confirms() -> None:
    bench = applied(Bench())

    asked = bench.asked("network-set")[0]
    assert (asked["attended"], asked["within_s"]) == (True, 60)
    assert set(asked["settings"]) == set(KEYS)
    assert asked["settings"]["network.address"] == "192.0.2.77/24"
    assert asked["settings"]["network.mode"] == "static"


def test_the_countdown_is_in_words_and_keep_keeps() -> None:
    bench = applied(Bench())
    bench.passed(18)
    assert "42 s, then the former settings are back unless you keep these" in bench.words()

    bench.keys("enter")

    assert len(bench.asked("network-confirm")) == 1
    assert bench.noun == "home"
    assert "The network is as you asked, and stays so." in bench.words()


def test_put_back_puts_back() -> None:
    bench = applied(Bench()).keys("2")

    assert len(bench.asked("network-undo")) == 1
    assert "The former settings are in force again: it was undone." in bench.words()


def test_left_alone_it_says_why_it_was_taken_back() -> None:
    late = {"state": "taken-back", "because": "nobody confirmed it in time", "seconds_left": 0}
    bench = applied(Bench(answers={"network-trial": late}))
    bench.passed(30)
    assert bench.noun == "trial"

    bench.passed(32)

    assert bench.noun == "home"
    assert "in force again: nobody confirmed it in time." in bench.words()


def test_a_link_that_was_pulled_ends_the_trial_at_once() -> None:
    gone = {"state": "taken-back", "because": "ens32 has no carrier", "seconds_left": 0}
    bench = applied(Bench(answers={"network-trial": gone}, trial={"state": "taken-back"}))

    bench.passed(1)

    assert "in force again: ens32 has no carrier." in bench.words()


def test_a_trial_that_cannot_be_kept_any_more_is_said() -> None:
    over = NotNow("no trial of the network is under way")
    bench = applied(Bench(answers={"network-confirm": over})).keys("enter")

    assert "no trial of the network is under way" in bench.words()


def test_a_trial_outlives_the_screen() -> None:
    bench = Bench("trial").passed(1).passed(1)

    assert bench.noun == "trial"
    assert "address 192.0.2.77/24, gateway 192.0.2.1" in bench.words()
    assert "41 s, then" in bench.passed(0).words() or "42 s, then" in bench.words()


def test_what_does_not_answer_in_the_trial_is_said_there() -> None:
    told = {"state": "waiting", "seconds_left": 60, "faults": [{"message": "192.0.2.1 is silent"}]}

    assert "Not well 192.0.2.1 is silent" in applied(Bench(answers={"network-set": told})).words()


def test_a_change_that_needs_no_trial_is_said_to_hold() -> None:
    bench = applied(Bench(answers={"network-set": {"state": "kept", "notices": ["x: was taken"]}}))

    assert "stays so. x: was taken" in bench.words()
    assert bench.noun == "home"


def test_what_apply_refuses_stands_beside_its_field_until_it_is_changed() -> None:
    used = Fault("network.address", "'192.0.2.77' is used by 00:50:56:00:00:01", "take another")
    bench = applied(Bench(answers={"network-set": InputRefused((used,))}))
    assert "IPv4 address: '192.0.2.77' is used by 00:50:56:00:00:01" in bench.words()
    bench.keys("enter")
    assert "! '192.0.2.77' is used by 00:50:56:00:00:01" in bench.words()

    bench.keys("home", "1")

    assert "is used by" not in bench.words()


def test_a_trial_that_failed_leaves_the_form_as_it_is() -> None:
    failed = StepFailed("no DHCP server answered; the former settings are in force")
    bench = applied(Bench(answers={"network-set": failed}))

    assert "the former settings are in force" in bench.words()
    assert "[192.0.2.77/24" in bench.keys("enter").text()


def test_what_is_missing_is_said_when_it_is_applied() -> None:
    bench = Bench().opened("1").keys("right", *["tab"] * 8)
    assert "Gateway is blank" not in bench.words()
    bench.keys("enter")

    assert "Gateway: is blank, and a static address needs it" in bench.words()
    assert bench.asked("network-set") == []


def test_what_was_typed_is_not_dropped_by_one_key() -> None:
    bench = Bench().opened("1").keys(*STATIC, "esc")
    assert "What was typed is not applied yet." in bench.words()

    assert bench.keys("enter").noun == "network"
    assert bench.keys("esc", "right", "enter").noun == "home"


def test_back_to_dhcp_blanks_what_was_fixed() -> None:
    bench = Bench("joined").opened("1").keys("left", *["shift tab"] * 2, "enter", "enter")

    settings = bench.asked("network-set")[0]["settings"]
    assert settings["network.mode"] == "dhcp"
    assert (settings["network.address"], settings["network.gateway"]) == ("", "")


def test_link_and_lease_are_live_beside_the_form() -> None:
    assert "ens32 no lease yet link up" in Bench("no dhcp").opened("1").words()
    assert "Problem no DHCP server answered" in Bench("no dhcp").opened("1").words()


def test_a_form_that_was_taken_over_is_loaded_anew_when_it_is_taken_back() -> None:
    taken = NotNow("the form network was taken over by root on pts/0", code="taken-over")
    bench = applied(Bench(answers={"network-set": taken}))
    assert "taken over by root on pts/0" in bench.words()

    bench.keys("right", "enter")

    assert bench.asked("editing")[-1]["take_over"] is True
    assert len(bench.asked("settings")) == 2
    assert "(*) DHCP" in bench.text()
