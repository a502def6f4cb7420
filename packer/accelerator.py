"""Which accelerator QEMU gets here: KVM where a real guest lives through a second of it."""

from __future__ import annotations

import os
from pathlib import Path

from agent.errors import CommandFailed, UsageError
from agent.system.run import run
from packer.tool import find
from packer.variables import Accelerator

# cx16 under TCG with two CPUs: kernels panic in most boots.
CPU = "max,-cx16"
_TRIAL_S = 15
# 16-bit code of a boot sector: write 0x31 to the debug-exit port, then halt.
_BOOT_SECTOR = bytes.fromhex("b031e6f4fa f4ebfd".replace(" ", "")).ljust(510, b"\0") + b"\x55\xaa"
_EXITED = (0x31 << 1) | 1


def choose(wish: Accelerator, *, kernel: Path | None, scratch: Path) -> Accelerator:
    """KVM or TCG. A device file proves nothing: stock kernels die on some hosts that have one.

    Without the kernel that is to run, only who asks for KVM gets it.
    Raises UsageError when KVM is asked for and does not carry a guest.
    """
    if wish is Accelerator.TCG:
        return wish
    known = kernel is not None or wish is Accelerator.KVM
    if known and _kvm_carries_a_guest(kernel, scratch):
        return Accelerator.KVM
    if wish is Accelerator.KVM:
        raise UsageError(
            "BANDSTAND_ACCEL: kvm is refused, a trial guest did not live through it here;"
            " accepted is tcg or auto"
        )
    return Accelerator.TCG


def arguments(chosen: Accelerator) -> list[list[str]]:
    """The accelerator as Packer's qemuargs."""
    accel = "kvm" if chosen is Accelerator.KVM else "tcg,thread=multi"
    return [["-accel", accel], ["-cpu", CPU]]


def _kvm_carries_a_guest(kernel: Path | None, scratch: Path) -> bool:
    if not os.access("/dev/kvm", os.R_OK | os.W_OK):
        return False
    qemu = find("qemu-system-x86_64", package="qemu-system-x86")
    sector = scratch / "trial.img"
    sector.write_bytes(_BOOT_SECTOR)
    common = ("-accel", "kvm", "-cpu", CPU, "-display", "none", "-nodefaults", "-no-reboot")
    simple = _status(
        qemu,
        *common,
        "-drive",
        f"file={sector},format=raw,if=ide,snapshot=on",
        "-device",
        "isa-debug-exit,iobase=0xf4,iosize=0x04",
    )
    return simple == _EXITED and (kernel is None or _kernel_comes_up(qemu, common, kernel))


def _kernel_comes_up(qemu: str, common: tuple[str, ...], kernel: Path) -> bool:
    """A kernel without a root disk panics at its end on purpose; getting there is the proof."""
    try:
        done = run(
            qemu,
            *common,
            "-smp",
            "2",
            "-m",
            "512",
            "-kernel",
            str(kernel),
            "-append",
            "console=ttyS0 panic=-1",
            "-serial",
            "stdio",
            check=False,
            timeout_s=_TRIAL_S,
        )
    except CommandFailed:
        return False
    return done.ok and "Unable to mount root fs" in done.stdout


def _status(*argv: str) -> int | None:
    try:
        return run(*argv, check=False, timeout_s=_TRIAL_S).returncode
    except CommandFailed:
        return None
