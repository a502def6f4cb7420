"""The boot loader on the EFI partition: the packed OVA under UEFI, up to a node that serves."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterator

import pytest

from tests.lab import checks
from tests.lab.guest import Guest
from tests.lab.pair import ground, newest_ova
from tests.lab.site import Site

pytestmark = [
    pytest.mark.soak,
    pytest.mark.skipif(os.geteuid() != 0, reason="makes networks and guests: needs root"),
]


@pytest.fixture(scope="module")
def guest() -> Iterator[Guest]:
    """Its descriptor asks for BIOS, and goes on doing so; the same disk boots under both."""
    with Site() as site:
        base = ground(site, newest_ova())
        assert base.hardware.firmware == "bios"
        base.hardware = dataclasses.replace(base.hardware, firmware="efi")
        properties = {"node.name": "uefi", "node.ssh_keys": base.key.public}
        guest = Guest(base, name="uefi", properties=properties)
        _ = guest.boot()
        yield guest
        guest.power_off()


def test_the_firmware_started_what_lies_on_the_disk(guest: Guest) -> None:
    _ = guest.machine.serial.wait(r"BdsDxe: starting Boot.*Sata", within_s=1)
    _ = guest.machine.serial.wait("This node", within_s=240)
    assert guest.node.check("ls", "/sys/firmware/efi").split()


def test_first_boot_got_ready(guest: Guest) -> None:
    status = guest.node.wait_serving(within_s=240)
    assert status["state"] == "ready", status
    for ok, saw in (checks.card(guest.node, guest.address), checks.no_failed_unit(guest.node)):
        assert ok, saw
