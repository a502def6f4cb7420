"""A guest as VMware would boot it, from the descriptor and the disk of an unpacked OVA.

    powered off -> start -> running -> power_off | reboot inside | kill -> powered off -> start ...
                              | kernel panic under emulation: booted again, once, and counted

The disk that boots is the OVA's own VMDK, beneath a qcow2 overlay that takes the writes.
What QEMU does not have is substituted, and each substitution is said.
"""

from __future__ import annotations

import itertools
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from tests.lab import write_log
from tests.lab.accel import Accel
from tests.lab.call import LabError, call
from tests.lab.containers import mac_of
from tests.lab.descriptor import Hardware
from tests.lab.environment import disc
from tests.lab.network import Network
from tests.lab.qmp import Qmp
from tests.lab.serial import GuestPanicked, Serial
from tests.lab.site import Process, Site
from tests.lab.wait import TooLate, until

# A card right on the board, as some hosts place it: no slot, and so no name after one.
NO_SLOT = -1
_NICS = {"e1000": "e1000-82545em", "e1000e": "e1000e", "vmxnet3": "vmxnet3"}
_CONTROLLERS = {"virtualscsi": "pvscsi", "lsilogicsas": "mptsas1068"}
# The free UEFI firmware drives no SCSI controller of VMware's, but SATA, which VMware has as well.
_UEFI_CONTROLLER = "ahci"
_UEFI_CODE, _UEFI_MEMORY = (Path(f"/usr/share/OVMF/OVMF_{part}_4M.fd") for part in ("CODE", "VARS"))
_SPARE_SLOT = 224
_KEYS = {
    " ": "spc", ".": "dot", "-": "minus", "/": "slash", ",": "comma", "=": "equal", "\n": "ret",
}  # fmt: skip
_SHIFTED = {":": "semicolon", "_": "minus", "?": "slash", "+": "equal"}
# Emulated processors are slow and share the host's: more of either only delays the boot.
_EMULATED_MEMORY_MB = 2048
# Each look costs the guest something too.
_PAUSE_S = 1.0
Result = TypeVar("Result")
_taps = itertools.count(1)


@dataclass(frozen=True, kw_only=True)
class Wish:
    """How one guest differs from its descriptor; unset means as the descriptor says."""

    name: str
    environment: Callable[[str], str] | None = None  # MAC -> the XML on the disc
    nic: str = ""  # QEMU's own name of the device
    slot: int = 0  # NO_SLOT for none
    has_spare_port: bool = False  # a second card can be plugged in while it runs
    disk_bytes: int = 0
    memory_mb: int = 0
    logged: bool = False  # every write to the disk goes to the log too
    extra: tuple[str, ...] = ()


@dataclass
class Tally:
    """Starts of QEMU in this run, and those that a panic under emulation cost."""

    boots: list[str] = field(default_factory=list[str])
    panics: list[str] = field(default_factory=list[str])


class Machine:
    """One guest with its disk, card, consoles and power button."""

    def __init__(
        self,
        site: Site,
        network: Network,
        hardware: Hardware,
        wish: Wish,
        *,
        accel: Accel,
        tally: Tally | None = None,
    ) -> None:
        self._site, self._network, self._accel = site, network, accel
        self.hardware, self.wish = hardware, wish
        self.name = wish.name
        self.tally = tally or Tally()
        self.folder = site.folder / wish.name
        self.folder.mkdir()
        self.mac = mac_of(site.name + wish.name)
        self.tap = network.tap(f"t{next(_taps)}-{wish.name}"[:15])
        self.substitutions: list[str] = []
        self._disk = self._new_disk()
        self._disc = self._new_disc()
        self._sticks: list[Path] = []
        self._process: Process | None = None
        self._qmp: Qmp | None = None
        self._serial: Serial | None = None
        site.later(self.kill)

    # Its life

    def start(self) -> None:
        """Switch it on; returns as soon as QEMU runs."""
        self.kill()
        for name in ("qmp", "serial"):
            (self.folder / name).unlink(missing_ok=True)
        self.tally.boots.append(self.name)
        self._process = self._network.start(*self.command(), log=f"{self.name}.qemu.log")
        try:
            self._qmp = Qmp(self.folder / "qmp")
            self._serial = Serial(self.folder / "serial")
        except TooLate as error:
            raise LabError(f"QEMU did not start: {self._process.words()}") from error

    def boot(self, come_up: Callable[[], Result], *, fresh: bool = False) -> Result:
        """Start it and do `come_up`; a kernel that panicked is booted again, once.

        `fresh`: the second try begins with a new disk, as the first one did.
        """
        try:
            return self._come_up(come_up)
        except GuestPanicked:
            self.tally.panics.append(self.name)
        self.kill()
        if fresh:
            self._disk = self._new_disk()
        return self._come_up(come_up)

    def power_off(self, *, within_s: float = 120) -> None:
        """Press the power button, and wait until the guest has switched itself off."""
        if not self.running:
            return
        self.qmp.ask("system_powerdown")
        self._ended(within_s)

    def reset(self, *, within_s: float = 30) -> None:
        """Press the reset button: what the guest has not written yet is lost, QEMU goes on."""
        self.qmp.ask("system_reset")
        self.qmp.wait("RESET", within_s=within_s)

    def ended(self, *, within_s: float = 120) -> None:
        """Wait until the guest, told from inside, has switched itself off."""
        self._ended(within_s)

    def kill(self) -> None:
        """As a power cut, though what the guest wrote is safe in the host's cache."""
        for line in (self._qmp, self._serial):
            if line is not None:
                line.close()
        self._qmp = self._serial = None
        if self._process is not None:
            self._process.end()

    def put_in(self, disk: Path) -> None:
        """Another disk, a qcow2 image, in place of its own; only while it is off."""
        self._disk = disk

    def plug_stick(self, image: Path) -> None:
        """A second disk, from now on, whether it runs or not; nothing can write to it."""
        name = f"stick{len(self._sticks)}"
        self._sticks.append(image)
        if self.running:
            file = {"driver": "file", "filename": str(image)}
            node: dict[str, Any] = {"node-name": name, "driver": "raw", "read-only": True}
            self.qmp.ask("blockdev-add", **node, file=file)
            self.qmp.ask("device_add", driver=self._disk_driver, bus="scsi0.0", drive=name, id=name)

    def plug_card(self, nic: str) -> str:
        """A second card on the same network, while it runs; its MAC."""
        tap, mac = self._network.tap(f"t{next(_taps)}-{self.name}"[:15]), mac_of(f"2{self.mac}")
        self.qmp.ask("netdev_add", type="tap", id="n1", ifname=tap, script="no", downscript="no")
        self.qmp.ask("device_add", driver=nic, netdev="n1", bus="spare", mac=mac, id="card1")
        return mac

    @property
    def log(self) -> Path:
        """What it wrote to its disk since it was switched on, where that was wished."""
        return self.folder / "writes"

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.running

    @property
    def qmp(self) -> Qmp:
        if self._qmp is None:
            raise LabError(f"{self.name} is not running")
        return self._qmp

    @property
    def serial(self) -> Serial:
        if self._serial is None:
            raise LabError(f"{self.name} is not running")
        return self._serial

    def alive(self) -> None:
        """Raises when the guest can no longer do what is being waited for."""
        if self._serial is not None and self._serial.panicked:
            raise GuestPanicked(self._serial.said[-2000:])
        if not self.running:
            words = self._process.words() if self._process else "never started"
            raise LabError(f"{self.name} is not running: {words}")

    def until(self, look: Callable[[], Result | None], *, within_s: float, what: str) -> Result:
        """Wait for something that the guest brings about, and notice when it died."""

        def looked() -> Result | None:
            self.alive()
            return look()

        return until(looked, within_s=within_s, what=f"{self.name}: {what}", pause_s=_PAUSE_S)

    # Its keyboard and screen

    def press(self, *keys: str) -> None:
        """One combination of keys by QEMU's names."""
        self.qmp.ask("send-key", keys=[{"type": "qcode", "data": key} for key in keys])

    def type(self, text: str) -> None:
        for letter in text:
            self.press(*_combination(letter))

    def picture(self, path: Path) -> Path:
        """What the screen shows now, as PNG."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self.qmp.ask("screendump", filename=str(path.absolute()), format="png")
        return path

    # How

    def command(self) -> tuple[str, ...]:
        """The whole command line; fills `substitutions`."""
        self.substitutions = []
        return (
            *("qemu-system-x86_64", "-name", self.name, "-machine", "q35", "-nodefaults"),
            *("-no-user-config", "-display", "none", "-vga", "std", "-rtc", "base=utc"),
            *self._accel.arguments(),
            *self._processors(),
            *("-smbios", "type=1,manufacturer=VMware,, Inc.,product=VMware Virtual Platform"),
            *self._firmware(),
            *self._card(),
            *self._disks(),
            *("-chardev", f"socket,id=s0,path={self.folder}/serial,server=on,wait=off"),
            *("-serial", "chardev:s0"),
            *("-qmp", f"unix:{self.folder}/qmp,server=on,wait=off"),
            *self.wish.extra,
        )

    def _come_up(self, come_up: Callable[[], Result]) -> Result:
        self.start()
        try:
            return come_up()
        except LabError as error:
            if self._serial is not None and self._serial.panicked:
                raise GuestPanicked(self._serial.said[-2000:]) from error
            raise

    def _ended(self, within_s: float) -> None:
        if self._process is None:
            return
        code = self._process.wait(within_s)
        if code:
            raise LabError(f"QEMU of {self.name} ended with {code}: {self._process.words()}")
        self.kill()

    def _processors(self) -> tuple[str, ...]:
        cpus, memory = self.hardware.cpus, self.wish.memory_mb or self.hardware.memory_mb
        if not self._accel.kvm:
            cpus = min(cpus, os.cpu_count() or 1)
            memory = min(memory, _EMULATED_MEMORY_MB)
        self._say("processors", self.hardware.cpus, cpus)
        self._say("memory in MB", self.hardware.memory_mb, memory)
        return ("-smp", str(cpus), "-m", str(memory))

    @property
    def _uefi(self) -> bool:
        return self.hardware.firmware == "efi"

    def _firmware(self) -> tuple[str, ...]:
        """None for BIOS, which QEMU has by itself; UEFI with a memory of this guest's own."""
        if not self._uefi:
            return ()
        if not _UEFI_CODE.is_file():
            raise LabError(f"{_UEFI_CODE} is not there: install the package ovmf")
        memory = self.folder / "uefi.fd"
        if not memory.exists():
            shutil.copyfile(_UEFI_MEMORY, memory)
        flash = "if=pflash,format=raw"
        return (
            *("-drive", f"{flash},unit=0,readonly=on,file={_UEFI_CODE}"),
            *("-drive", f"{flash},unit=1,file={memory}"),
        )

    def _card(self) -> tuple[str, ...]:
        asked = self.hardware.nic
        nic = self.wish.nic or _NICS.get(asked.lower(), "e1000-82545em")
        slot = self.wish.slot or self.hardware.slot or 32
        self._say("network card", asked, nic)
        self._say("its slot", self.hardware.slot, "none" if slot == NO_SLOT else slot)
        ports = {} if slot == NO_SLOT else {"nicport": slot}
        if self.wish.has_spare_port:
            ports["spare"] = _SPARE_SLOT
        bus = "" if slot == NO_SLOT else ",bus=nicport"
        return (
            *("-global", "ICH9-LPC.acpi-pci-hotplug-with-bridge-support=off"),
            *(word for name, place in ports.items() for word in _port(name, place)),
            *("-netdev", f"tap,id=n0,ifname={self.tap},script=no,downscript=no"),
            *("-device", f"{nic},netdev=n0{bus},mac={self.mac}"),
        )

    def _disks(self) -> tuple[str, ...]:
        asked = self.hardware.controller
        controller = _CONTROLLERS.get(asked.lower(), "pvscsi")
        if self._uefi:
            controller = _UEFI_CONTROLLER
        self._say("disk controller", asked, controller)
        arguments = (
            *("-device", f"{controller},id=scsi0", *self._disk_itself()),
            *("-device", f"{self._disk_driver},bus=scsi0.0,drive=d0,bootindex=1"),
            *self._sticks_themselves(),
        )
        if self._disc is None:
            return arguments
        drive = f"if=none,id=cd0,media=cdrom,readonly=on,format=raw,file={self._disc}"
        return (*arguments, "-drive", drive, "-device", "ide-cd,bus=ide.0,drive=cd0")

    @property
    def _disk_driver(self) -> str:
        return "ide-hd" if self._uefi else "scsi-hd"

    def _sticks_themselves(self) -> Iterator[str]:
        for number, image in enumerate(self._sticks):
            file = f"file.driver=file,file.filename={image}"
            yield from ("-blockdev", f"node-name=stick{number},driver=raw,read-only=on,{file}")
            yield from ("-device", f"{self._disk_driver},bus=scsi0.0,drive=stick{number}")

    def _disk_itself(self) -> tuple[str, ...]:
        if self.wish.logged:
            return write_log.arguments(self._disk, self.log)
        return (
            "-drive",
            f"if=none,id=d0,file={self._disk},format=qcow2,cache=unsafe,discard=unmap",
        )

    def _say(self, what: str, asked: object, given: object) -> None:
        if str(asked).lower() != str(given).lower():
            self.substitutions.append(f"{what}: {given} for {asked or 'none'}")

    def _new_disk(self) -> Path:
        disk = self.folder / "disk.qcow2"
        disk.unlink(missing_ok=True)
        backing = self.hardware.disk
        size = self.wish.disk_bytes or self.hardware.capacity
        shape = ("-f", "qcow2", "-F", _format(backing), "-b", str(backing.absolute()))
        call("qemu-img", "create", "-q", *shape, str(disk), str(size))
        return disk

    def _new_disc(self) -> Path | None:
        if self.wish.environment is None:
            return None
        return disc(self.folder, self.wish.environment(self.mac))


def _port(name: str, slot: int) -> tuple[str, str]:
    return ("-device", f"pcie-root-port,id={name},slot={slot},chassis={slot}")


def _format(disk: Path) -> str:
    return "vmdk" if disk.suffix == ".vmdk" else "raw"


def _combination(letter: str) -> tuple[str, ...]:
    if letter in _SHIFTED:
        return ("shift", _SHIFTED[letter])
    if letter.isupper():
        return ("shift", letter.lower())
    return (_KEYS.get(letter, letter),)
