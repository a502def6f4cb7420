"""Two nodes of the packed OVA, joined; every line of the demo's table, and the second boot."""

from __future__ import annotations

import json

import pytest

from tests.appliance import told
from tests.appliance.conftest import BIGGER_DISK, PICTURES
from tests.lab import checks, screen
from tests.lab.guest import Guest
from tests.lab.kernel import Kernel, kernel
from tests.lab.pair import FIRST, SECOND, Pair

pytestmark = pytest.mark.appliance

_BOTH = (FIRST, SECOND)
_KEPT = ("/etc/machine-id", "/etc/hostname", "/etc/ssh/ssh_host_ed25519_key.pub")


@pytest.mark.parametrize("name", _BOTH)
class TestEach:
    """What holds of either, whatever its card, slot and kind of address."""

    @pytest.fixture
    def guest(self, name: str, joined: Pair) -> Guest:
        return next(guest for guest in joined.guests if guest.name == name)

    def test_the_only_card_is_ens32(self, guest: Guest) -> None:
        ok, saw = checks.card(guest.node, guest.address)
        assert ok, saw

    def test_the_card_is_the_one_vmware_has(self, guest: Guest) -> None:
        driver = guest.node.check("readlink", "/sys/class/net/ens32/device/driver").strip()
        assert driver.rpartition("/")[2] == {FIRST: "e1000", SECOND: "vmxnet3"}[guest.name]

    def test_cloud_init_is_off(self, guest: Guest) -> None:
        ok, saw = checks.cloud_init_off(guest.node)
        assert ok, saw

    def test_no_unit_failed(self, guest: Guest) -> None:
        ok, saw = checks.no_failed_unit(guest.node)
        assert ok, saw

    def test_only_the_port_table_listens(self, guest: Guest) -> None:
        ok, saw = checks.only_the_port_table(guest.node)
        assert ok, saw

    def test_the_disk_has_grown(self, guest: Guest, joined: Pair) -> None:
        capacity = {FIRST: joined.ground.hardware.capacity, SECOND: BIGGER_DISK}[guest.name]
        ok, saw = checks.disk(guest.node, capacity)
        assert ok, saw

    def test_both_are_active_members(self, guest: Guest) -> None:
        ok, saw = checks.members(guest.node, _BOTH)
        assert ok, saw

    def test_the_status_parses_as_the_administrator(self, guest: Guest) -> None:
        told = json.loads(guest.ssh.check("bandstand status --json"))
        assert told["state"] == "ready", told

    def test_https_is_served_under_what_it_tells(self, guest: Guest) -> None:
        ok, saw = checks.served(guest.node)
        assert ok, saw

    def test_it_is_healthy(self, guest: Guest) -> None:
        guest.machine.until(lambda: guest.node.health() == 200, within_s=180, what="/healthz 200")

    def test_the_environment_came_from_the_disc(self, guest: Guest) -> None:
        log = guest.node.check("journalctl", "-b", "-u", "bandstand-firstboot", "--no-pager")
        settings = guest.node.read("/etc/bandstand/settings.json")
        assert guest.name in settings
        assert "Traceback" not in log

    def test_tty1_names_the_cluster(self, guest: Guest) -> None:
        def shown() -> bool:
            picture = guest.picture(PICTURES, "joined")
            return all(word in screen.read(picture).text for word in (guest.address, "demo"))

        guest.machine.until(shown, within_s=180, what="the cluster's name on tty1")


def test_one_certificate(joined: Pair) -> None:
    ok, saw = checks.one_certificate([guest.node for guest in joined.guests])
    assert ok, saw


def test_the_certificate_that_the_first_was_given_is_the_one(
    joined: Pair, brought: told.Pair
) -> None:
    assert joined.second.get("/cluster").sha256 == brought.leaf.sha256


def test_the_second_boot_is_equal(joined: Pair) -> None:
    before = {guest.name: _state(guest) for guest in joined.guests}
    joined.reboot()
    for guest in joined.guests:
        network, kept = before[guest.name]
        assert not kernel(guest.node).differs(network)
        assert _state(guest)[1] == kept
        guest.picture(PICTURES, "second-boot")


def _state(guest: Guest) -> tuple[Kernel, list[str]]:
    files = [guest.node.read(path) for path in _KEPT]
    return kernel(guest.node), [*files, guest.node.get("/cluster").sha256]


def test_the_power_button_switches_off(joined: Pair) -> None:
    joined.power_off()
    assert not any(guest.machine.running for guest in joined.guests)
