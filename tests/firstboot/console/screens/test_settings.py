"""Forms of settings for the verb node-set: what is loaded, judged, asked for and never shown."""

from __future__ import annotations

from typing import Any

from agent.errors import Fault, InputRefused
from agent.settings.declaration import CORE
from agent.settings.declare import Face, Scope
from firstboot.console.places import place
from firstboot.console.screens import network
from firstboot.console.screens.advanced import keys_of
from firstboot.console.screens.settings import SettingsScreen
from firstboot.console.situations import SETTINGS
from tests.fakes.console import Bench

NODE = ("node.name", "node.admin_password", "node.ssh", "node.ssh_keys")


def stored(**changes: Any) -> dict[str, Any]:
    return {**SETTINGS, **changes}


def settings_asked(bench: Bench) -> dict[str, str]:
    settings: dict[str, str] = bench.asked("node-set")[0]["settings"]
    return settings


def test_only_what_changed_is_asked_for() -> None:
    bench = Bench().opened("2").keys("x", *["tab"] * 6, "enter")
    assert "Host name: node-1 -> node-1x" in bench.words()

    bench.keys("enter")

    assert settings_asked(bench) == {"node.name": "node-1x"}
    assert "It is in force." in bench.words()
    assert bench.noun == "home"


def test_a_password_is_asked_twice_and_never_shown() -> None:
    bench = Bench().opened("2").keys("tab", "s3cret-word", "tab", "s3cret-wor")
    assert "is not the same as above" in bench.words()
    bench.keys("d", *["tab"] * 4, "enter")
    assert "Password of admin: not set -> ********" in bench.words()
    assert "s3cret" not in bench.text()

    bench.keys("enter")

    assert settings_asked(bench) == {"node.admin_password": "s3cret-word"}


def test_a_password_typed_once_is_not_taken() -> None:
    bench = Bench().opened("2").keys("tab", "s3cret-word", *["tab"] * 5, "enter")

    assert "The same again: is not the same as above" in bench.words()
    assert bench.asked("node-set") == []


def test_the_password_is_left_by_a_blank_and_never_taken_away() -> None:
    bench = Bench("joined").opened("2")
    assert "is set; blank leaves it" in bench.words()
    assert "takes it away" not in bench.words()

    bench.keys("tab", "-", "tab", "-", *["tab"] * 4, "enter")

    assert "the value given is shorter than 8 characters" in bench.words()
    assert bench.asked("node-set") == []


def test_what_apply_refuses_stays_in_the_form() -> None:
    taken = Fault("node.name", "'node-1x' is another member's name", "take another")
    bench = Bench(answers={"node-set": InputRefused((taken,))}).opened("2")
    bench.keys("x", *["tab"] * 6, "enter", "enter")
    assert "Host name: 'node-1x' is another member's name" in bench.words()

    bench.keys("enter")

    assert "! 'node-1x' is another member's name" in bench.words()


def test_notices_are_told_when_it_is_in_force() -> None:
    told = {"changed": True, "faults": [], "notices": ["node.ssh is on, but nobody can enter"]}
    bench = Bench(answers={"node-set": told}).opened("2").keys("x", *["tab"] * 6, "enter", "enter")

    assert "node.ssh is on, but nobody can enter" in bench.words()


def test_a_refused_field_comes_with_what_was_asked() -> None:
    zone = {"code": "refused", "setting": "node.timezone", "message": "is no zone", "hint": ""}
    answers = {"settings": stored(asked={"node.timezone": "Europe/Berlim"}, faults=[zone])}
    bench = Bench(answers=answers).opened("a", "2")

    assert "[Europe/Berlim" in bench.text()
    assert "! " in bench.text()


def test_what_was_refused_of_a_secret_stands_beside_its_blank_field() -> None:
    short = "the value given is shorter than 8 characters"
    fault = {"code": "refused", "setting": "node.admin_password", "message": short, "hint": ""}
    bench = Bench(answers={"settings": stored(faults=[fault])}).opened("2")
    assert f"what was asked was refused: {short}" in bench.words()

    bench.keys("x", *["tab"] * 6, "enter", "enter")

    assert settings_asked(bench) == {"node.name": "node-1x"}


def test_a_refused_port_of_the_portal_is_mended_in_its_form() -> None:
    fault = {"code": "refused", "setting": "portal.port", "message": "is taken", "hint": ""}
    told = stored(asked={"portal.port": "9443"}, faults=[fault], took={"portal": "port 443"})
    bench = Bench(answers={"settings": told}).opened("a", "3")

    assert "[9443" in bench.text()
    assert "! is taken" in bench.text()


def test_a_refused_network_costs_the_time_servers_nothing() -> None:
    told = stored(
        accepted={"network.ntp": "ntp1.example.com"},
        asked={"network.address": "192.0.2.300"},
        took={"network": "DHCP"},
    )
    bench = Bench(answers={"settings": told}).opened("a", "1")

    assert "[ntp1.example.com" in bench.text()


def test_a_refused_certificate_is_there_to_be_mended_and_its_key_is_not() -> None:
    bench = Bench("refused").started().keys("3", "1")
    assert "-----BEGIN CERTIFICATE-----" in bench.text()
    assert "! the key does not belong to the certificate" in bench.words()

    bench.desk.fill({"tls.key": "x"})

    assert "does not belong" not in bench.words()
    assert "-----BEGIN" not in Bench().opened("3", "1").text()


def test_home_says_which_of_its_items_mends_what_was_refused() -> None:
    words = Bench("refused").started().words((160, 50))

    assert "what to do: 1 Network; Left blank it means: refused for static" in words
    assert "what to do: 3 Certificate; give the key" in words


def test_that_item_has_the_field() -> None:
    """Of each setting that any form of the console has."""
    keys = {
        "network": network.KEYS,
        "node": NODE,
        "display": ("node.keyboard",),
        "certificate": ("tls.certificate", "tls.key"),
        "advanced": tuple(key for category in CORE.categories for key in keys_of(category)),
        "cluster": ("cluster.join",),
    }
    for name, settings in keys.items():
        assert {place(key) for key in settings} == {name}
    formed = {key for settings in keys.values() for key in settings}
    assert {place(row.key) for row in CORE.rows if row.key not in formed} == {""}


def test_a_new_password_alone_is_for_who_lost_it() -> None:
    bench = Bench("recovery").opened("9", "6")
    bench.keys("new-s3cret", "tab", "new-s3cret", "tab", "tab", "enter", "enter")

    assert settings_asked(bench) == {"node.admin_password": "new-s3cret"}


def test_every_setting_of_the_node_that_the_console_may_set_has_a_field_somewhere() -> None:
    """Those of the certificate have a screen that asks another verb."""
    wanted = {
        row.key
        for row in CORE.rows
        if row.scope is Scope.NODE and row.may_set(Face.CONSOLE, is_member=False)
    }
    advanced = {key for category in CORE.categories for key in keys_of(category)}
    elsewhere = {*network.KEYS, *NODE, "node.keyboard", "tls.certificate", "tls.key"}

    assert advanced | elsewhere == wanted
    assert not advanced & elsewhere


PROXY = "http://********@proxy.example.com:3128"


def with_proxy() -> Bench:
    told = stored(secrets=["network.http_proxy"], accepted={"network.http_proxy": PROXY})
    return Bench(answers={"settings": told}).opened("a", "1")


def test_a_proxy_with_credentials_is_kept_by_leaving_it() -> None:
    bench = with_proxy().keys("ntp.example.com", *["tab"] * 4, "enter", "enter")

    assert settings_asked(bench) == {"network.ntp": "ntp.example.com"}


def test_changed_it_is_typed_anew_whole() -> None:
    bench = with_proxy().keys("tab", "0")
    assert "accepted is the whole text, typed anew" in bench.words()

    bench.keys("ctrl u", "http://other.example.com:3128", *["tab"] * 3, "enter", "enter")

    assert settings_asked(bench) == {"network.http_proxy": "http://other.example.com:3128"}


def test_emptied_it_is_taken_away() -> None:
    bench = with_proxy().keys("tab", "ctrl u", *["tab"] * 3, "enter", "enter")

    assert settings_asked(bench) == {"network.http_proxy": ""}


def test_the_keymap_is_tried_beside_it() -> None:
    bench = Bench().opened("b").keys("de-l")
    assert "de-latin1, de-latin1-nodeadkeys" in bench.words()
    bench.keys("atin1", "tab", "y-z", "tab", "tab", "enter", "enter")

    assert settings_asked(bench) == {"node.keyboard": "de-latin1"}


def test_high_contrast_is_put_on_at_once() -> None:
    bench = Bench().opened("b").keys("tab", "tab", " ")
    assert bench.desk.wears == "high contrast"

    assert bench.keys(" ").desk.wears == "usual"


def test_ten_thousand_pasted_characters_are_refused_in_a_sentence() -> None:
    bench = Bench().opened("2")
    screen = bench.desk.top
    assert isinstance(screen, SettingsScreen)

    made = screen.filled({"node.name": "n" * 10_000}, bench.desk.world())

    assert "accepted is a host name" in made.form.faults["node.name"]
