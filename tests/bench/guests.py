"""Boots in QEMU: instructions of everything, and the time until the page answers over TLS.

With `-icount shift=0` the guest's clock is its count of instructions, so what systemd calls CPU
nanoseconds are instructions, the kernel's included, whatever else the machine does.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from pathlib import Path

from tests.bench.boots import UNITS, cpu_ms
from tests.bench.job import Contestant
from tests.bench.layers import CLOUD_UNITS, Layers, mask, touch_updated, write
from tests.lab import web
from tests.lab.accel import Accel
from tests.lab.call import LabError, call
from tests.lab.descriptor import Hardware
from tests.lab.environment import environment
from tests.lab.network import Network
from tests.lab.qemu import Machine, Tally, Wish
from tests.lab.site import Site
from tests.lab.wait import until

_DISK_BYTES = 4 * 2**30
_END = "BENCH-END"
_PORT = "/dev/ttyS0"
_SCRIPT = f"""#!/bin/sh
exec > {_PORT}
systemctl is-system-running --wait
udevadm settle
read -r up _ < /proc/uptime
read -r _ _ _ _ idle iowait _ < /proc/stat
echo "BENCH-UPTIME $up $idle $iowait"
systemctl show -p Id,CPUUsageNSec bandstand-firstboot.service {" ".join(CLOUD_UNITS)}
systemctl --failed --no-legend
echo {_END}
"""
_UNIT = """[Unit]
Description=Tell the bench
[Service]
Type=exec
ExecStart=/usr/local/sbin/bench-report
"""
_WITHIN_S = 600
_TICKS_A_SECOND = 100  # of /proc/stat, where waiting for the disk is told apart from idling
_MAKE_DISK = """
set -e
mount --make-rprivate /
mount -t overlay overlay -o "lowerdir=$1" "$2"
truncate -s "$4" "$3"
mke2fs -q -t ext4 -d "$2" "$3"
umount "$2"
"""


@dataclass(frozen=True)
class Counted(Accel):
    """One processor whose clock counts instructions."""

    def arguments(self) -> tuple[str, ...]:
        count = ("-icount", "shift=0,sleep=off")
        return ("-accel", "tcg,thread=single", *count, "-cpu", "max,-cx16,-hypervisor")


@dataclass(frozen=True)
class Count:
    """Millions of instructions: of the job's units, and of the whole boot until it settled."""

    job: float
    boot: float


class Guests:
    """Each boot is a fresh overlay of the contestant's disk; a panicked kernel is booted again."""

    def __init__(self, site: Site, network: Network, layers: Layers, accel: Accel) -> None:
        self._site, self._network, self._layers, self._accel = site, network, layers, accel
        self._disks: dict[Contestant, Path] = {}
        self._count = 0
        self.tally = Tally()

    def count(self, contestant: Contestant) -> Count:
        """One boot until all has settled."""
        machine = self._machine(contestant, Counted(kvm=False, why="it counts"), cpus=1)
        said = machine.boot(lambda: _told(machine), fresh=True)
        machine.kill()
        return counted(said, UNITS[contestant])

    def page_s(self, contestant: Contestant) -> float:
        """From the start of QEMU to the first answer over TLS."""
        machine = self._machine(contestant, self._accel, cpus=2)
        seconds = machine.boot(lambda: self._answered(machine), fresh=True)
        machine.kill()
        return seconds

    def _answered(self, machine: Machine) -> float:
        began = time.monotonic()

        def look() -> bool | None:
            machine.alive()
            try:
                return (
                    web.get(self._network, self._layers.job.address, "/", within_s=0.5).sha256 != ""
                )
            except OSError:
                return None

        _ = until(look, within_s=_WITHIN_S, what="an answer over TLS", pause_s=0.05)
        return time.monotonic() - began

    def _machine(self, contestant: Contestant, accel: Accel, *, cpus: int) -> Machine:
        self._count += 1
        properties = self._layers.job.properties(contestant)
        boot = self._layers.tree / "boot"
        kernel = next(boot.glob("vmlinuz-*"))
        initrd = next(boot.glob("initrd.img-*"))
        append = "root=/dev/sda rw quiet panic=-1 console=ttyS0 console=tty0"
        wish = Wish(
            name=f"g{self._count}",
            environment=lambda mac: environment(properties, mac=mac),
            extra=(
                *("-kernel", str(kernel), "-initrd", str(initrd), "-append", append, "-no-reboot"),
            ),
        )
        hardware = Hardware(
            cpus=cpus,
            memory_mb=2048,
            disk=self._disk(contestant),
            capacity=_DISK_BYTES,
            controller="VirtualSCSI",
            nic="VmxNet3",
            slot=32,
            cd=True,
            firmware="bios",
        )
        return Machine(self._site, self._network, hardware, wish, accel=accel, tally=self.tally)

    def _disk(self, contestant: Contestant) -> Path:
        """A file system of the merged tree, with no partition and no boot loader."""
        if contestant in self._disks:
            return self._disks[contestant]
        folder = self._site.folder / f"disk-{contestant}"
        (folder / "root").mkdir(parents=True)
        over = folder / "over"
        over.mkdir()
        _add_report(over)
        lowers = f"{over}:{self._layers.of(contestant)}:{self._layers.tree}"
        disk = folder / "disk.raw"
        arguments = ("sh", lowers, str(folder / "root"), str(disk), str(_DISK_BYTES))
        call("unshare", "--mount", "sh", "-c", _MAKE_DISK, *arguments, within_s=180)
        self._disks[contestant] = disk
        return disk


def _told(machine: Machine) -> str:
    machine.serial.wait(_END, within_s=_WITHIN_S)
    return machine.serial.said


def _add_report(over: Path) -> None:
    write(over, "usr/local/sbin/bench-report", _SCRIPT, mode=0o755)
    write(over, "etc/systemd/system/bench-report.service", _UNIT)
    write(over, "etc/fstab", "/dev/sda / ext4 defaults 0 1\n")
    wants = over / "etc/systemd/system/multi-user.target.wants"
    wants.mkdir()
    (wants / "bench-report.service").symlink_to("../bench-report.service")
    mask(over, "serial-getty@ttyS0.service")
    touch_updated(over)


def counted(said: str, units: tuple[str, ...]) -> Count:
    """What the guest told; raises LabError where its units did not end well."""
    match = re.search(r"BENCH-UPTIME ([0-9.]+) (\d+) (\d+)", said)
    if match is None:
        raise LabError(f"the guest told nothing: {said[-500:]}")
    up_s, idle, waiting = (float(word) for word in match.groups())
    idle_s = (idle + waiting) / _TICKS_A_SECOND
    blocks = said[match.end() :].split("\n\n")
    mine = [block for block in blocks if any(f"Id={unit}" in block for unit in units)]
    return Count(job=cpu_ms("\n".join(mine)), boot=(up_s - idle_s) * 1000)
