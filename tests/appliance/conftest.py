"""The guests of this tier: few boots, shared by all tests; boots.md lists them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from _pytest.terminal import TerminalReporter

from tests.lab.call import call
from tests.lab.guest import Ground, Guest
from tests.lab.pair import BUILD, Pair, ground, newest_ova
from tests.lab.site import Site

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
def alone(base: Ground) -> Pair:
    """The first node, static, before it has a cluster."""
    pair = Pair(base, second_disk_bytes=BIGGER_DISK, first_logged=True)
    _ = pair.boot_first()
    call("cp", "--sparse=always", str(pair.first.machine.log), str(first_writes(base)))
    pair.first.node.wait_serving(within_s=60)
    pair.first.picture(PICTURES, "alone")
    return pair


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
    """Nobody told it anything: its environment holds somebody else's keys only."""
    guest = Guest(base, name="blank", properties={"other.key": "1", "network.address": "null"})
    guest.switch_on()
    yield guest
    guest.power_off()


def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    for made in _tallies:
        boots, panics = made.tally.boots, made.tally.panics
        terminalreporter.write_line(
            f"boots of the appliance: {len(boots)} ({', '.join(boots)});"
            f" booted again after a kernel panic: {', '.join(panics) or 'none'}"
        )
