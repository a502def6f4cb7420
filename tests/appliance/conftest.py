"""The guests of this tier: few boots, shared by all tests; boots.md lists them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from _pytest.terminal import TerminalReporter

from agent.settings.declaration import CORE
from tests.appliance import told
from tests.lab.call import call
from tests.lab.guest import Ground, Guest
from tests.lab.kernel import Kernel, kernel
from tests.lab.node import Status
from tests.lab.pair import BUILD, FIRST, Pair, ground, newest_ova
from tests.lab.qemu import NO_SLOT
from tests.lab.site import Site
from tests.lab.stick import stick

PICTURES = BUILD / "appliance"
BIGGER_DISK = 100 * 10**9
_tallies: list[Ground] = []


@pytest.fixture(scope="session")
def site() -> Iterator[Site]:
    with Site() as made:
        yield made


@pytest.fixture(scope="session")
def base(site: Site) -> Ground:
    made = ground(site, newest_ova())
    _tallies.append(made)
    return made


@pytest.fixture(scope="session")
def brought() -> told.Pair:
    """The certificate that the first node was given."""
    return told.pair(FIRST)


@pytest.fixture(scope="session")
def first_told(base: Ground, brought: told.Pair) -> dict[str, str]:
    """What the first node is told besides its name and its address."""
    return {
        "cluster.name": told.TEXTS["cluster.name"],
        "node.ssh_keys": f"{base.key.public} {told.SIGNS}",
        "tls.certificate": brought.certificate,
        "tls.key": brought.key,
    }


@pytest.fixture(scope="session")
def alone(booted_first: tuple[Pair, Kernel]) -> Pair:
    """The first node, static, before it has a cluster."""
    return booted_first[0]


@pytest.fixture(scope="session")
def first_kernel(booted_first: tuple[Pair, Kernel]) -> Kernel:
    """What the first node's kernel and resolver held at the end of its first boot."""
    return booted_first[1]


@pytest.fixture(scope="session")
def booted_first(base: Ground, first_told: dict[str, str]) -> tuple[Pair, Kernel]:
    pair = Pair(base, second_disk_bytes=BIGGER_DISK, first_logged=True, first_told=first_told)
    _ = pair.boot_first()
    call("cp", "--sparse=always", str(pair.first.machine.log), str(first_writes(base)))
    pair.first.node.wait_serving(within_s=180)
    pair.first.picture(PICTURES, "alone")
    return pair, kernel(pair.first.node)


def first_writes(base: Ground) -> Path:
    """What the first node wrote to its disk until the end of its first boot."""
    return base.site.folder / "first-boot.writes"


@pytest.fixture(scope="module")
def joined(alone: Pair) -> Pair:
    """Two nodes: the first initialized, the second joined through its property."""
    _ = alone.form_cluster()
    _ = alone.boot_second()
    alone.wait_joined()
    return alone


@pytest.fixture(scope="module")
def blank(base: Ground) -> Iterator[Guest]:
    """Nobody told it anything: its environment is what the host client makes of a blank form."""
    properties = {"other.key": "1", **{row.key: "null" for row in CORE.rows}}
    guest = Guest(base, name="blank", properties=properties, nic="virtio-net-pci", slot=NO_SLOT)
    guest.switch_on()
    yield guest
    guest.power_off()


@pytest.fixture(scope="module")
def told_later(blank: Guest, base: Ground) -> Status:
    """The same one, after somebody attached a stick and pressed the host's reset button."""
    address = base.network.address(21)
    answers = {
        **told.TEXTS,
        "network.address": f"{address}/24",
        "network.gateway": base.network.gateway,
        "network.dns": "none",
        "node.name": "told-later",
        "node.ssh_keys": base.key.public,
    }
    # What is JSON is YAML too, but for its escapes of what is beyond 16 bits.
    text = "".join(
        f"{key}: {json.dumps(value, ensure_ascii=False)}\n" for key, value in answers.items()
    )
    blank.machine.plug_stick(stick(blank.machine.folder, text))
    blank.press_reset()
    blank.pick("Bandstand recovery", PICTURES)
    return blank.come_back(address)


@pytest.fixture(scope="module")
def worst(base: Ground) -> Iterator[Guest]:
    """The worst that an operator can type; DHCP, a key and a password are what is left."""
    properties = {**told.worst(), "node.ssh_keys": base.key.public}
    guest = Guest(
        base,
        name="worst",
        properties=properties,
        nic="e1000e",
        slot=160,
        has_spare_port=True,
        password=told.PASSWORD,
    )
    _ = guest.boot()
    yield guest
    guest.power_off()


def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    for made in _tallies:
        boots, panics = made.tally.boots, made.tally.panics
        terminalreporter.write_line(
            f"boots of the appliance: {len(boots)} ({', '.join(boots)});"
            f" booted again after a kernel panic: {', '.join(panics) or 'none'}"
        )
