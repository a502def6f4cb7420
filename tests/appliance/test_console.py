"""A stranger at the console of a node that has no DHCP: by keys alone to an address, and further.

The network has no DHCP server meanwhile, and nobody can log in: all is seen in the console's
picture and over the network. Tests follow each other on one boot, and one restart.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest

from tests.appliance import told
from tests.appliance.conftest import PICTURES
from tests.lab import cluster, database, screen
from tests.lab.fleet import Fleet, image_tree
from tests.lab.guest import Ground, Guest
from tests.lab.node import Node, active_members
from tests.lab.serial_console import SerialConsole

pytestmark = pytest.mark.appliance

# The console draws within a second; the emulated machine is many times slower.
_DRAWN_S = 120
_CHANGED_S = 180
_BOOTED_S = 900
_TRIAL_S = 60
_JOINED_S = 600
_KEPT, _TRIED = 33, 32
_MEMBER = 41


@dataclass
class Walk:
    """Somebody at the keyboard, and what is on the screen; `moments` is what the walk took."""

    guest: Guest
    began_s: float = field(default_factory=time.monotonic)
    keys: int = 0
    moments: list[str] = field(default_factory=list[str])

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

    def colours(self, words: str) -> tuple[str, str]:
        """Of the picture that was seen last."""
        return screen.colours(self.guest.machine.folder / "now.png", words)

    def keep(self, moment: str) -> None:
        _ = self.guest.picture(PICTURES, moment)

    def press(self, *keys: str) -> None:
        for key in keys:
            self.guest.machine.press(*key.split("+"))
        self.keys += len(keys)

    def type(self, text: str) -> None:
        self.guest.machine.type(text)
        self.keys += len(text)

    def fill(self, text: str) -> None:
        self.press("ctrl+u")
        self.type(text)

    def note(self, moment: str) -> None:
        seconds = time.monotonic() - self.began_s
        self.moments.append(f"| {moment} | {self.keys} | {seconds:.0f} |")

    def asks_for(self, address: str) -> None:
        """The network's form filled for a static address, as far as the summary."""
        gateway = self.guest.network.gateway
        self.press(*(["right"] if "(*) DHCP" in self.read() else []), "tab")
        self.fill(f"{address}/24")
        self.press("tab", "tab")
        self.fill(gateway)
        self.press("tab")
        self.fill(gateway)
        _ = self.see(f"[{address}/24 ", f"[{gateway} ", "broadcast")
        self.keep("form-filled")
        self.press("tab", "tab", "tab", "tab", "ret")
        _ = self.see("Apply these changes?", "Try it")
        self.keep("summary")

    def serves(self, address: str) -> bool:
        try:
            return self.guest.network.answers(address, 443)
        except OSError:
            return False

    def comes_with(self, is_it: Callable[[str], bool], *, what: str) -> str:
        """Its pages come with such a certificate, by and by: its SHA-256 in hexadecimal digits."""

        def served() -> str | None:
            found = self.guest.get("/cluster").sha256
            return found if is_it(found) else None

        return self.guest.machine.until(served, within_s=_CHANGED_S, what=what)


@pytest.fixture(scope="module")
def walk(base: Ground) -> Iterator[Walk]:
    base.network.stop_dhcp()
    guest = Guest(base, name="mute", properties=None, nic="vmxnet3", slot=160)
    walk = Walk(guest)

    def opened() -> str:
        return walk.see(" - Network", "no DHCP server answered", within_s=_BOOTED_S)

    guest.machine.boot(opened, fresh=True)
    walk.note("the form of the network is there by itself")
    yield walk
    guest.power_off()
    base.network.serve_dhcp()


@pytest.fixture(scope="module")
def member(base: Ground) -> Iterator[Node]:
    """The first node of a cluster: a container of the same image."""
    address = base.network.address(_MEMBER)
    fleet = Fleet(base.site, base.network, image_tree())
    properties = {
        "network.address": f"{address}/24",
        "network.gateway": base.network.gateway,
        "network.dns": base.network.gateway,
        "node.name": "member",
    }
    node = fleet.boot(fleet.make("member", properties), address=address)
    cluster.init(node, database.start(base.site, base.network))
    _ = node.wait_member(within_s=_CHANGED_S)
    yield node
    fleet.containers["member"].power_off()


def test_without_dhcp_it_opens_on_the_form_of_the_network(walk: Walk) -> None:
    _ = walk.see("(*) DHCP", "no DHCP server answered")
    walk.keep("no-dhcp")


def test_what_is_wrong_stands_beside_its_field_while_it_is_typed(walk: Walk) -> None:
    before = walk.keys
    walk.press("right", "tab")
    walk.type("10.77.0.255/24")
    _ = walk.see("10.77.0.255", "broadcast", "! ")
    walk.keep("fault-while-typing")
    assert walk.colours("! '10.77.0.255/24'") == ("light red", "black")
    walk.press("ctrl+u", "up", "left")
    _ = walk.see("(*) DHCP")
    walk.keys = before


def test_from_there_to_a_page_in_the_browser(walk: Walk) -> None:
    """As docs/console.md tells it, in keys and seconds."""
    address = walk.guest.network.address(_KEPT)
    walk.asks_for(address)
    walk.note("an address, the gateway and the name server are typed; the summary is read")
    walk.press("ret")
    _ = walk.see("Time left", f"{address}/24", within_s=_CHANGED_S)
    walk.keep("trial")
    walk.note("the trial goes on")
    walk.guest.move_to(address)
    assert walk.guest.machine.until(
        lambda: walk.serves(address) or None, within_s=_TRIAL_S, what="the address under trial"
    )
    walk.press("ret")
    _ = walk.see("Kept", "stays so", within_s=_CHANGED_S)
    walk.keep("kept")
    walk.press("ret")
    _ = walk.see("Open this", f"https://{address}/cluster", within_s=_CHANGED_S)
    walk.note("kept; home says which page to open")
    assert walk.guest.get("/cluster").status == 200
    walk.note("the page is there")
    _ = (PICTURES / "walk.md").write_text("\n".join(walk.moments) + "\n")


def test_what_was_kept_is_there_after_a_restart(walk: Walk) -> None:
    """Asked for here: the mark stands on Cancel first."""
    address = walk.guest.network.address(_KEPT)
    walk.press("0")
    _ = walk.see("Restart or power off", "What is to happen?")
    walk.press("1")
    _ = walk.see("Restart?", "It comes back by itself")
    walk.press("left", "ret")
    walk.guest.machine.qmp.wait("RESET", within_s=_CHANGED_S)
    _ = walk.see("static, link up", f"https://{address}/cluster", within_s=_BOOTED_S)
    walk.keep("after-the-restart")
    assert walk.guest.get("/cluster").status == 200


def test_a_trial_that_nobody_confirms_is_put_back(walk: Walk) -> None:
    other = walk.guest.network.address(_TRIED)
    walk.press("1")
    _ = walk.see(" - Network", "(*) fixed address")
    walk.asks_for(other)
    walk.press("ret")
    _ = walk.see("Time left", within_s=_CHANGED_S)
    assert walk.guest.machine.until(
        lambda: walk.serves(other) or None, within_s=_TRIAL_S, what="the address under trial"
    )
    _ = walk.see("The former settings are in force again", within_s=_TRIAL_S + _CHANGED_S)
    walk.keep("put-back")
    assert not walk.serves(other)
    assert walk.serves(walk.guest.network.address(_KEPT))
    walk.press("ret")


def test_another_certificate_is_pasted_and_the_built_in_one_comes_back(walk: Walk) -> None:
    """Pasted over the serial line, which a keyboard is not for; taken back on tty1."""
    given = told.own("mute")
    line = SerialConsole(walk.guest.machine.serial)

    def types(*keys_and_words: tuple[str, str, str]) -> None:
        for keys, words, gone in keys_and_words:
            line.send(keys)
            _ = line.see(words, gone=gone, within_s=_CHANGED_S)

    types(
        ("\n", "This node", "Put back"),
        ("3", "In force", ""),
        ("1", "Install a certificate", ""),
    )
    line.paste(given.pem, within_s=_CHANGED_S)
    types(("\t", "Private key of", ""))
    line.paste(given.key_pem, within_s=_CHANGED_S)
    types(
        ("\t", "Space turns it on", ""),
        ("\t", "Apply", "Space turns it on"),
        ("\n", "Installed", ""),
        ("\n", "In force", "Installed"),
    )
    _ = walk.comes_with(lambda found: found == given.sha256, what="the pasted certificate")
    walk.press("3")
    _ = walk.see(" - Certificate", "In force")
    walk.press("2")
    _ = walk.see("Built-in certificate?", "signs itself")
    walk.press("ret")
    _ = walk.see("Done", "Compare its fingerprint", within_s=_CHANGED_S)
    walk.keep("certificate")
    own = walk.comes_with(lambda found: found != given.sha256, what="its own certificate")
    walk.press("ret", "esc")
    _ = walk.see("Set-up code", f"SHA-256 {own[:4]} {own[4:8]} ".upper())


def test_a_join_string_that_is_typed_makes_it_a_member(walk: Walk, member: Node) -> None:
    walk.press("4")
    _ = walk.see(" - Cluster", "Join a cluster")
    walk.press("1")
    _ = walk.see("Join string")
    walk.type(cluster.join_string(member))
    walk.press("tab", "tab", "ret")
    _ = walk.see("was let in", within_s=_CHANGED_S)
    walk.press("ret", "esc")
    _ = walk.see("member of demo", "a password is to be set first", within_s=_JOINED_S)
    walk.keep("member")
    assert member.wait(
        lambda status: len(active_members(status)) == 2,
        within_s=_JOINED_S,
        what="two active members",
    )
