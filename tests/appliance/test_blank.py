"""A node that nobody told anything, seen only from outside, and what it is told later."""

from __future__ import annotations

import json
import time

import pytest

from tests.appliance import told
from tests.appliance.conftest import PICTURES
from tests.lab import checks, screen, web
from tests.lab.guest import Guest
from tests.lab.node import Status

pytestmark = pytest.mark.appliance

# A restart stops the web server in its first seconds.
_SHUT_DOWN_WITHIN_S = 15


def test_it_serves_at_the_address_that_dhcp_gave(blank: Guest) -> None:
    assert blank.get("/cluster").status == 200
    assert blank.get("/healthz").status == 503


def test_nobody_listens_for_ssh(blank: Guest) -> None:
    assert not blank.answers(22)


def test_its_screen_says_where_it_is(blank: Guest) -> None:
    def shown() -> bool:
        text = screen.read(blank.picture(PICTURES, "told-nothing")).text
        return blank.address in text and "DHCP" in text.upper()

    blank.machine.until(shown, within_s=180, what="its address on tty1")


def test_its_serial_line_says_the_same(blank: Guest) -> None:
    def shown() -> bool:
        said = blank.machine.serial.said
        return "This node" in said and blank.address in said

    blank.machine.until(shown, within_s=180, what="its address on the serial line")
    assert "login:" not in blank.machine.serial.said


def test_ctrl_alt_del_does_nothing_however_often_it_is_pressed(blank: Guest) -> None:
    """Seven times within two seconds is what systemd else takes for an emergency."""
    for _ in range(10):
        blank.machine.press("ctrl", "alt", "delete")
    end_s = time.monotonic() + _SHUT_DOWN_WITHIN_S
    while time.monotonic() < end_s:
        assert blank.get("/cluster").status == 200
        time.sleep(5)
    blank.machine.qmp.ask("query-status")  # Events come with the next answer.
    assert not {"RESET", "SHUTDOWN"} & set(blank.machine.qmp.events)


def test_there_is_no_second_terminal_to_turn_to(blank: Guest) -> None:
    blank.machine.press("alt", "f2")
    before = screen.read(blank.picture(PICTURES, "told-nothing")).text
    # Of the menu, another item is marked, and explained below it.
    blank.machine.press("down")

    def goes_on() -> bool:
        text = screen.read(blank.picture(PICTURES, "told-nothing")).text
        return blank.address in text and text != before

    blank.machine.until(goes_on, within_s=180, what="tty1 that goes on")


def test_port_80_leads_to_https(blank: Guest) -> None:
    reply = web.get_plain(blank.network, blank.address, "/")
    assert reply.location.startswith(f"https://{blank.address}/")


def test_answers_on_a_stick_are_taken_by_its_next_start(told_later: Status) -> None:
    assert told_later["source"] == "medium BANDSTAND: answers.yaml"
    assert (told_later["state"], told_later["faults"]) == ("ready", [])
    assert told_later["node"]["name"] == "told-later"


@pytest.mark.usefixtures("told_later")
def test_it_is_at_its_static_address_then(blank: Guest) -> None:
    for ok, saw in (checks.card(blank.node, blank.address), checks.served(blank.node)):
        assert ok, saw
    driver = blank.node.check("readlink", "/sys/class/net/ens32/device/driver").strip()
    assert driver.rpartition("/")[2] == "virtio_net"
    shown = ("told-later", blank.address)

    def is_shown() -> bool:
        text = screen.read(blank.picture(PICTURES, "told-later")).text
        return all(word in text for word in shown)

    blank.machine.until(is_shown, within_s=180, what="its name and address on tty1")


@pytest.mark.usefixtures("told_later")
def test_no_sign_was_lost_on_the_way(blank: Guest) -> None:
    stored = json.loads(blank.node.read("/etc/bandstand/settings.json"))
    plain = {key: text for key, text in stored["settings"].items() if key in told.TEXTS}
    (name,) = stored["secrets"].values()
    secret = {"database.password": blank.node.read(f"/etc/bandstand/secrets/{name}")}
    assert {**plain, **secret} == told.TEXTS


@pytest.mark.usefixtures("told_later")
def test_it_was_started_as_recovery_by_the_boot_menu(blank: Guest) -> None:
    """That start was an ordinary one besides."""
    assert blank.node.read("/proc/cmdline").split()[-1] == "bandstand.recovery"
