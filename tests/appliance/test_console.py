"""A stranger at the console of a node that has no DHCP: by keys alone to a page, and back again.

The network has no DHCP server meanwhile, and nobody can log in: all is seen in the console's
picture and over the network. Tests follow each other on one boot.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from tests.appliance.conftest import PICTURES
from tests.lab import screen
from tests.lab.guest import Ground, Guest

pytestmark = pytest.mark.appliance

# The console draws within a second; the emulated machine is many times slower.
_DRAWN_S = 60
_CHANGED_S = 180
_BOOTED_S = 600
_TRIAL_S = 60
_STILL_S = 0.5


@dataclass
class Walk:
    """Somebody at the keyboard, and what is on the screen; keys are counted."""

    guest: Guest
    address: str
    keys: int = 0
    began_s: float = 0.0

    def read(self) -> str:
        machine = self.guest.machine
        return screen.read(machine.picture(machine.folder / "now.png")).text

    def see(self, *words: str, within_s: float = _DRAWN_S) -> str:
        """Until all of it is on the screen at once."""

        def shown() -> str | None:
            text = self.read()
            return text if all(word in text for word in words) else None

        try:
            return self.guest.machine.until(shown, within_s=within_s, what=f"{words} on tty1")
        finally:
            self.keep("last-seen")

    def keep(self, moment: str) -> None:
        _ = self.guest.picture(PICTURES, moment)

    def press(self, *keys: str) -> None:
        for key in keys:
            self.guest.machine.press(*key.split("+"))
            self.keys += 1

    def type(self, text: str) -> None:
        self.guest.machine.type(text)
        self.keys += len(text)

    def asks_for(self, address: str) -> None:
        """The network's form filled for a static address, as far as the summary."""
        network = self.guest.network
        self.press("right", "tab")
        self.type(f"{address}/24")
        self.press("tab", "tab")
        self.type(network.gateway)
        self.press("tab")
        self.type(network.gateway)
        _ = self.see(f"[{address}/24 ", f"[{network.gateway} ", "broadcast")
        self.keep("form-filled")
        self.press("tab", "tab", "tab", "tab", "ret")
        _ = self.see("Apply these changes?", "Try it")
        self.keep("summary")

    def serves(self, address: str) -> bool:
        try:
            return self.guest.network.answers(address, 443)
        except OSError:
            return False


@pytest.fixture(scope="module")
def walk(base: Ground) -> Iterator[Walk]:
    base.network.stop_dhcp()
    guest = Guest(base, name="mute", properties=None, nic="vmxnet3", slot=160)
    walk = Walk(guest, base.network.address(31))

    def opened() -> str:
        return walk.see(" - Network", "no DHCP server answered", within_s=_BOOTED_S)

    began_s = time.monotonic()
    guest.machine.boot(opened, fresh=True)
    walk.began_s = began_s
    yield walk
    guest.power_off()
    base.network.serve_dhcp()


def test_without_dhcp_it_opens_on_the_form_of_the_network(walk: Walk) -> None:
    _ = walk.see("(*) DHCP", "no DHCP server answered")
    walk.keep("no-dhcp")


def test_what_is_wrong_stands_beside_its_field_while_it_is_typed(walk: Walk) -> None:
    walk.press("right", "tab")
    walk.type("10.77.0.255/24")
    _ = walk.see("10.77.0.255", "broadcast", "!")
    walk.keep("fault-while-typing")
    walk.press(*["backspace"] * len("10.77.0.255/24"))
    walk.press("up", "left")
    _ = walk.see("(*) DHCP")


def test_a_trial_that_nobody_confirms_is_put_back(walk: Walk) -> None:
    other = walk.guest.network.address(32)
    walk.asks_for(other)
    walk.press("ret")
    _ = walk.see("Time left", within_s=_CHANGED_S)
    assert walk.guest.machine.until(
        lambda: walk.serves(other) or None, within_s=_TRIAL_S, what="the address under trial"
    )
    walk.keep("trial")
    _ = walk.see("put back", within_s=_TRIAL_S + _CHANGED_S)
    walk.keep("put-back")
    assert not walk.serves(other)
    walk.press("ret")


def test_one_that_is_kept_leads_to_a_page(
    walk: Walk, record_property: Callable[[str, object], None]
) -> None:
    keys, began_s = walk.keys, time.monotonic()
    if " - Network" not in walk.read():
        walk.press("1")
        _ = walk.see(" - Network")
    walk.asks_for(walk.address)
    walk.press("ret")
    _ = walk.see("Time left", "Keep", within_s=_CHANGED_S)
    walk.press("ret")
    _ = walk.see("Open this", f"https://{walk.address}/cluster", within_s=_CHANGED_S)
    walk.keep("kept")
    assert walk.guest.machine.until(
        lambda: walk.serves(walk.address) or None, within_s=_DRAWN_S, what="its page"
    )
    took_s = time.monotonic() - began_s
    record_property("stranger", f"{walk.keys - keys} keys, {took_s:.0f} s emulated")


def test_its_page_is_there(walk: Walk) -> None:
    walk.guest.move_to(walk.address)
    assert walk.guest.get("/cluster").status == 200


def test_the_code_is_shown_until_somebody_claims_it(walk: Walk) -> None:
    text = walk.see("Set-up code")
    code = next(line for line in text.splitlines() if "Set-up code" in line).split()[3]
    assert len(code) == 9
    assert code[4] == "-"


def test_a_name_is_set(walk: Walk) -> None:
    walk.press("2")
    _ = walk.see("Name and account", "Host name")
    walk.press("ctrl+u")
    walk.type("walked")
    walk.press(*["tab"] * 6, "ret")
    _ = walk.see("walked", within_s=_CHANGED_S)


def test_restarted_by_the_menu_it_is_still_there(walk: Walk) -> None:
    if "Menu" not in walk.read():
        walk.press("esc", "esc")
    _ = walk.see("Menu")
    walk.press("0")
    _ = walk.see("Restart")
    walk.press("1")
    _ = walk.see("?")
    walk.press("ret")
    walk.guest.machine.qmp.wait("RESET", within_s=_CHANGED_S)
    _ = walk.see("Open this", f"https://{walk.address}/cluster", within_s=_BOOTED_S)
    walk.keep("after-restart")
    assert walk.serves(walk.address)
