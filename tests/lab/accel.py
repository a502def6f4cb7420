"""KVM after a real trial, or emulation: the device file's existence proves nothing."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from tests.lab.call import LabError
from tests.lab.site import Site
from tests.lab.wait import TooLate, until

# With cx16 the emulated kernels of trixie panic on two CPUs; `max` alone hides no feature.
_CPU = "max,-cx16,-hypervisor"
_ALIVE = "Unable to mount root fs"
_TRIAL_S = 4


@dataclass(frozen=True)
class Accel:
    """How guests run: QEMU's option, and why this one."""

    kvm: bool
    why: str

    def arguments(self) -> tuple[str, ...]:
        accel = "kvm" if self.kvm else "tcg,thread=multi"
        return ("-accel", accel, "-cpu", _CPU)


def choose(site: Site, kernel: Path | None) -> Accel:
    """As BANDSTAND_ACCEL says; `auto` believes KVM when a kernel lives under it for a moment."""
    wish = os.environ.get("BANDSTAND_ACCEL") or "auto"
    if wish in ("kvm", "tcg"):
        return Accel(wish == "kvm", f"BANDSTAND_ACCEL={wish}")
    if wish != "auto":
        raise LabError(f"BANDSTAND_ACCEL is {wish!r}: auto, kvm or tcg would be accepted")
    if not os.access("/dev/kvm", os.W_OK):
        return Accel(False, "no /dev/kvm")
    if kernel is None:
        return Accel(False, "no kernel at hand to try KVM with")
    return _tried(site, kernel)


def _tried(site: Site, kernel: Path) -> Accel:
    machine = ("-machine", "q35", "-accel", "kvm", "-cpu", _CPU, "-smp", "2", "-m", "512")
    boot = ("-kernel", str(kernel), "-append", "console=ttyS0 panic=-1")
    guest = site.start(
        *("qemu-system-x86_64", "-nodefaults", "-display", "none", "-no-reboot"),
        *(*machine, *boot, "-serial", "stdio"),
        log="kvm-trial.log",
    )
    try:
        alive = until(
            lambda: _ALIVE in guest.words(20000) or (None if guest.running else "dead"),
            within_s=_TRIAL_S,
            what="a kernel under KVM",
        )
    except TooLate:
        alive = "silent"
    guest.end()
    if alive is True:
        return Accel(True, "a kernel came up under KVM")
    return Accel(False, "a kernel did not come up under KVM")
