"""A stranger at the console of a node that has no DHCP: by keys alone to an address, and back.

The network has no DHCP server meanwhile, and nobody can log in: all is seen in the console's
picture and over the network. Tests follow each other on one boot.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.appliance.conftest import PICTURES
from tests.lab import screen
from tests.lab.guest import Ground, Guest

pytestmark = pytest.mark.appliance

# The console draws within a second; the emulated machine is many times slower.
_DRAWN_S = 120
_CHANGED_S = 180
_BOOTED_S = 900
_TRIAL_S = 60


@dataclass
class Walk:
    """Somebody at the keyboard, and what is on the screen."""

    guest: Guest

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
            self.guest.machine.press(key)

    def type(self, text: str) -> None:
        self.guest.machine.type(text)

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
    walk = Walk(guest)

    def opened() -> str:
        return walk.see(" - Network", "no DHCP server answered", within_s=_BOOTED_S)

    guest.machine.boot(opened, fresh=True)
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
    _ = walk.see("The former settings are in force again", within_s=_TRIAL_S + _CHANGED_S)
    walk.keep("put-back")
    assert not walk.serves(other)
