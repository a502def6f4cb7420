"""The power goes during a first boot, at any moment: what the disk holds then, and where it ends.

The moments are those of node-1's own first boot, whose writes were logged. At each one the file
system must be clean once its journal is replayed, and each file of ours whole, the former or the
latter. From a few of them the node is switched on again, and must end as if nothing had been.
"""

from __future__ import annotations

import json
import os
import random
import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.appliance.conftest import first_writes
from tests.lab import checks
from tests.lab.call import call
from tests.lab.guest import Ground, Guest
from tests.lab.kernel import Kernel, kernel
from tests.lab.network import Network
from tests.lab.pair import Pair, first
from tests.lab.power_cut import CutDisk, FileSystem, root_offset, seen
from tests.lab.site import Site

_CUTS = 200
_BOOTED = 3
_BOOTED_IN_SOAK = 30
_FOLDERS = ("/etc/bandstand", "/etc/nginx/bandstand", "/etc/systemd/network", "/var/lib/bandstand")
_FILES = (
    "/etc/hostname",
    "/etc/hosts",
    "/etc/machine-id",
    "/etc/nftables.conf",
    "/etc/ssh/ssh_host_ed25519_key",
    "/etc/ssh/sshd_config.d/10-bandstand.conf",
    "/etc/sudoers.d/bandstand-admin",
    "/home/admin/.ssh/authorized_keys",
)
# What the node draws for itself differs from one first boot to the other.
_DRAWN = ("/etc/machine-id", "/etc/ssh/", "/etc/nginx/bandstand/pair-", "/var/lib/bandstand/")

_JOURNAL = "/var/lib/bandstand/journal/root.json"

Held = Mapping[str, bytes]


@dataclass
class Moments:
    """A disk on its way through the first boot, and what it holds before and at the end."""

    site: Site
    disk: CutDisk
    offset: int
    chance: random.Random
    before: Held
    after: Held
    # Of the undisturbed node: its card, and what the kernel held at the end.
    mac: str
    network: Kernel

    def held(self, after: int) -> tuple[str, Held]:
        """What is wrong with the file system after a cut, and what of ours is in it."""
        with self.disk.cut(after, self.chance) as overlay:
            return _held(self.site, overlay, self.offset)

    def torn(self, found: Held) -> list[str]:
        """Which files are neither as before nor as at the end, nor a whole one between."""
        return [
            name
            for name, data in found.items()
            if data not in (self.before.get(name), self.after.get(name))
            and not _is_whole(name, data)
        ]


def _is_whole(name: str, data: bytes) -> bool:
    """Those that change several times during a first boot are JSON."""
    if not name.endswith(".json"):
        return False
    try:
        json.loads(data)
    except ValueError:
        return False
    return True


def _held(site: Site, overlay: Path, offset: int) -> tuple[str, Held]:
    target = overlay.with_suffix(".files")
    target.mkdir()
    with seen(site, overlay, offset=offset) as view:
        system = FileSystem(view)
        wrong = system.recover()
        system.copy((*_FOLDERS, *_FILES), target)
    found = {
        f"/{path.relative_to(target)}": path.read_bytes()
        for path in target.rglob("*")
        if path.is_file() and not path.is_symlink() and not path.name.endswith(".new")
    }
    call("rm", "-rf", str(target))
    return wrong, found


@pytest.fixture(scope="module")
def seed() -> int:
    return int(os.environ.get("BANDSTAND_SEED") or secrets.randbelow(1_000_000))


@pytest.fixture(scope="module")
def unused(base: Ground) -> Path:
    """The disk as the OVA brings it, as a raw image that nothing writes to."""
    image = base.site.folder / "unused.raw"
    call("qemu-img", "convert", "-O", "raw", str(base.hardware.disk), str(image))
    return image


@pytest.fixture
def image(unused: Path) -> Iterator[Path]:
    """One to write to."""
    image = unused.with_name("cut.raw")
    call("cp", "--sparse=always", str(unused), str(image))
    yield image
    image.unlink()


@pytest.fixture(scope="module")
def ends(alone: Pair, base: Ground, unused: Path) -> tuple[Held, Held]:
    """What of ours is on the disk before the first boot, and after it."""
    image = unused.with_name("ends.raw")
    call("cp", "--sparse=always", str(unused), str(image))
    disk, offset = CutDisk(base.site, image, first_writes(base)), root_offset(image)
    found: list[Held] = []
    for after in (0, len(disk.entries)):
        with disk.cut(after, random.Random(0)) as overlay:
            found.append(_held(base.site, overlay, offset)[1])
    image.unlink()
    return found[0], found[1]


@pytest.fixture
def moments(
    alone: Pair,
    first_kernel: Kernel,
    base: Ground,
    image: Path,
    ends: tuple[Held, Held],
    seed: int,
) -> Moments:
    """From the beginning, for cuts in rising order."""
    disk = CutDisk(base.site, image, first_writes(base))
    chance = random.Random(seed)
    before, after = ends
    mac = alone.first.machine.mac
    return Moments(base.site, disk, root_offset(image), chance, before, after, mac, first_kernel)


@pytest.mark.appliance
def test_at_any_moment_the_disk_is_clean_and_no_file_torn(
    moments: Moments, seed: int, record_property: Callable[[str, object], None]
) -> None:
    count = len(moments.disk.entries)
    wanted = sorted(moments.chance.sample(range(1, count + 1), k=_CUTS))
    record_property("power cuts", f"{_CUTS} among {count} writes, BANDSTAND_SEED={seed}")
    faults: list[str] = []
    for after in wanted:
        wrong, found = moments.held(after)
        faults += [f"after write {after}: {wrong}"] if wrong else []
        faults += [f"after write {after}: {name} is torn" for name in moments.torn(found)]
    assert not faults, "\n".join((f"BANDSTAND_SEED={seed}", *faults))


@pytest.mark.appliance
def test_switched_on_again_it_ends_as_if_nothing_had_been(
    moments: Moments,
    base: Ground,
    first_told: dict[str, str],
    seed: int,
    record_property: Callable[[str, object], None],
) -> None:
    record_property("booted after a power cut", f"{_BOOTED} times, BANDSTAND_SEED={seed}")
    _switched_on_again(moments, base, first_told, seed, _BOOTED)


@pytest.mark.soak
def test_switched_on_again_from_many_moments(
    moments: Moments,
    base: Ground,
    first_told: dict[str, str],
    seed: int,
    record_property: Callable[[str, object], None],
) -> None:
    record_property("booted after a power cut", f"{_BOOTED_IN_SOAK} times, BANDSTAND_SEED={seed}")
    _switched_on_again(moments, base, first_told, seed, _BOOTED_IN_SOAK)


def _switched_on_again(
    moments: Moments, base: Ground, first_told: dict[str, str], seed: int, times: int
) -> None:
    count = len(moments.disk.entries)
    wanted = sorted(moments.chance.sample(range(1, count + 1), k=times))
    with Site() as site:
        network = Network(site)
        network.serve_dhcp()
        ground = Ground(site, network, base.hardware, base.accel)
        ground.key, ground.tally = base.key, base.tally
        guest = first(ground, told=first_told)
        # The same machine, and so the same addresses of IPv6.
        guest.machine.mac = moments.mac
        for after in wanted:
            with moments.disk.cut(after, moments.chance) as overlay:
                guest.machine.put_in(overlay)
                _ends_as_ever(guest, moments, f"BANDSTAND_SEED={seed}, after write {after}")


def _steps(journal: str | bytes) -> list[tuple[str, str]]:
    """What was done, whatever the order and the time."""
    return sorted((step["name"], step["state"]) for step in json.loads(journal)["steps"])


def _ends_as_ever(guest: Guest, moments: Moments, when: str) -> None:
    status = guest.switch_on_again()
    assert (status["state"], status["faults"], status["fallbacks"]) == ("ready", [], []), when
    for ok, saw in (checks.card(guest.node, guest.address), checks.served(guest.node)):
        assert ok, f"{when}: {saw}"
    for name, data in moments.after.items():
        if not name.startswith(_DRAWN):
            assert guest.node.read(name) == data.decode(), f"{when}: {name}"
    assert _steps(guest.node.read(_JOURNAL)) == _steps(moments.after[_JOURNAL]), when
    guest.node.wait_serving(within_s=180)
    differs = kernel(guest.node).differs(moments.network)
    assert not differs, f"{when}: {differs}"
    guest.machine.kill()
