"""A node that was told the worst: reachable all the same, and each fault where one looks for it."""

from __future__ import annotations

import pytest

from agent.status.words import clean
from firstboot.console.widgets.text import drawable
from tests.appliance import told
from tests.appliance.conftest import PICTURES
from tests.lab import checks
from tests.lab.environment import environment
from tests.lab.guest import Guest

pytestmark = pytest.mark.appliance

_REFUSED_EXIT = 3
_LEAVE, _MENU = "Leave this form?", " Menu "
# The name of the card with that MAC, and what networkd says of it.
_CARD = """
for path in /sys/class/net/*; do
  [ "$(cat "$path/address")" = "$1" ] || continue
  echo "${path##*/}"
  cat "/run/systemd/netif/links/$(cat "$path/ifindex")"
done
"""


def test_it_is_reached_at_the_address_that_dhcp_gave(worst: Guest) -> None:
    ok, saw = checks.card(worst.node, worst.network.lease(worst.machine.mac) or "none")
    assert ok, saw
    assert worst.get("/cluster").status == 200


def test_its_card_is_ens32_in_that_slot_too(worst: Guest) -> None:
    driver = worst.node.check("readlink", "/sys/class/net/ens32/device/driver").strip()
    assert driver.rpartition("/")[2] == "e1000e"


def test_every_fault_is_in_its_status_with_what_to_do(worst: Guest) -> None:
    status = worst.node.status()
    assert status["state"] == "degraded"
    assert [fault["setting"] for fault in status["faults"]] == list(told.REFUSED)
    assert all(fault["code"] and fault["message"] and fault["hint"] for fault in status["faults"])
    took = {fallback["category"]: fallback["took"] for fallback in status["fallbacks"]}
    assert took == told.FALLBACKS
    assert any("network.gateway4" in notice for notice in status["notices"])


def test_its_screen_opened_on_the_form_filled_with_what_was_refused(worst: Guest) -> None:
    text = worst.sees(PICTURES, "refused", "! ")
    assert " - Network" in text
    refused = told.worst()["network.address"].partition("/")[0]
    assert f"[{refused}" in text


def test_every_fault_stands_on_its_screen(worst: Guest) -> None:
    """On home, behind the form."""
    worst.machine.press("esc")
    if _LEAVE in worst.sees(PICTURES, "left", _LEAVE, _MENU):
        worst.machine.press("tab")
        worst.machine.press("ret")
        _ = worst.sees(PICTURES, "left", _MENU)
    pages = [_plain(page) for page in worst.pages(PICTURES, "told")]
    for fault in worst.node.status()["faults"]:
        for part in (fault["setting"], fault["message"], fault["hint"]):
            shown = _plain(drawable(clean(part)))
            assert any(shown in page for page in pages), part


def test_the_same_answers_are_refused_by_the_command_line(worst: Guest) -> None:
    xml = environment(told.worst(), mac=worst.machine.mac)
    said = worst.node.shell.root("bandstand", "settings", "check", "-", stdin=xml)
    assert said.returncode == _REFUSED_EXIT, said.stderr
    assert [line.partition(":")[0] for line in said.stdout.splitlines()] == list(told.REFUSED)


def test_its_units_ended_well(worst: Guest) -> None:
    ok, saw = checks.no_failed_unit(worst.node)
    assert ok, saw
    result = worst.node.check("systemctl", "show", "-P", "Result", "bandstand-firstboot.service")
    assert result.strip() == "success"


def test_what_stands_is_what_blank_means(worst: Guest) -> None:
    name = f"bandstand-{worst.machine.mac.replace(':', '')[-6:]}"
    assert worst.node.read("/etc/hostname").strip() == name
    assert worst.node.check("readlink", "/etc/localtime").strip().endswith("/Etc/UTC")
    assert worst.node.status()["certificate"]["source"] == "self-signed"
    ok, saw = checks.served(worst.node)
    assert ok, saw


def test_the_one_good_password_holds_sign_by_sign(worst: Guest) -> None:
    """Its fixture has come in by it; and nothing less would do."""
    assert "bandstand-admin" not in worst.node.check("ls", "/etc/sudoers.d")
    asked = ("/usr/sbin/unix_chkpwd", "admin", "nonull")
    right, wrong = (
        worst.ssh.root(*asked, stdin=f"{text}\0").ok for text in (told.PASSWORD, told.PASSWORD[:-1])
    )
    assert (right, wrong) == (True, False)


def test_a_second_card_is_left_alone(worst: Guest) -> None:
    mac = worst.machine.plug_card("virtio-net-pci")

    def left_alone() -> str | None:
        card, _, told_by_networkd = worst.node.check("sh", "-c", _CARD, "sh", mac).partition("\n")
        return card if "ADMIN_STATE=unmanaged" in told_by_networkd else None

    card = worst.node.until(left_alone, within_s=180, what="networkd's word on the second card")
    assert card != "ens32"
    assert worst.node.check("ip", "-br", "address", "show", card).split()[1:] == ["DOWN"]
    assert worst.get("/cluster").status == 200


def _plain(text: str) -> str:
    """Without frames, and without the breaks of lines, which may be within words."""
    return "".join(text.replace("│", "").split())
