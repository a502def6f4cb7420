"""On which lines the console's program is put, for what the kernel says of its consoles."""

from __future__ import annotations

import os
import pty
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.system.run import run
from packer.place import ROOT

pytestmark = pytest.mark.outside

GENERATOR = ROOT / "packer/deb/files/usr/lib/systemd/system-generators/bandstand-consoles"
UNIT = "/usr/lib/systemd/system/bandstand-console@.service"
QEMU = "vm:qemu"


class Machine:
    """Its /sys and /dev; `lines` are terminals, `dead` ones are in /dev and are none."""

    def __init__(self, root: Path, terminal: str) -> None:
        self._root, self._terminal = root, terminal
        for folder in ("sys/class/tty/console", "dev", "normal", "early"):
            (root / folder).mkdir(parents=True)

    def says(self, active: str, *, lines: tuple[str, ...] = (), dead: tuple[str, ...] = ()) -> None:
        _ = (self._root / "sys/class/tty/console/active").write_text(f"{active}\n")
        for line in lines:
            (self._root / "dev" / line).symlink_to(self._terminal)
        for line in dead:
            (self._root / "dev" / line).touch()

    def has(self, line: str) -> None:
        (self._root / "sys/class/tty" / line).mkdir()

    def boot(self, virtualization: str = QEMU) -> dict[str, str]:
        """The links that are made, below the two folders."""
        folders = tuple(str(self._root / name) for name in ("normal", "early", "late"))
        given = {"BANDSTAND_ROOT": str(self._root), "SYSTEMD_VIRTUALIZATION": virtualization}
        said = run(str(GENERATOR), *folders, environment=given)
        assert (said.stdout, said.stderr) == ("", "")
        found = (path for path in self._root.rglob("*.service") if path.is_symlink())
        return {str(path.relative_to(self._root)): str(path.readlink()) for path in found}


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    near, far = pty.openpty()
    yield Machine(tmp_path, os.ttyname(far))
    os.close(near)
    os.close(far)


def taken(*lines: str) -> dict[str, str]:
    started = (f"normal/multi-user.target.wants/bandstand-console@{line}.service" for line in lines)
    masked = (f"early/serial-getty@{line}.service" for line in lines)
    return {**dict.fromkeys(started, UNIT), **dict.fromkeys(masked, "/dev/null")}


def test_each_serial_line_has_it_and_no_login(machine: Machine) -> None:
    machine.says("tty0 ttyS1 ttyS0", lines=("ttyS0", "ttyS1"))
    assert machine.boot() == taken("ttyS0", "ttyS1")


def test_virtual_terminals_are_left_to_their_own_unit(machine: Machine) -> None:
    machine.says("tty0 tty1 tty7", lines=("tty0", "tty1", "tty7"))
    assert machine.boot() == {}


def test_a_line_that_is_not_there_is_left_out(machine: Machine) -> None:
    """The kernel believes in ttyS0 where there is no such port; nothing could be opened there."""
    machine.says("tty0 ttyS0 ttyS3", dead=("ttyS0",))
    assert machine.boot() == {}


def test_the_hypervisors_own_line_has_it_whatever_the_kernel_was_told(machine: Machine) -> None:
    machine.says("tty0", lines=())
    machine.has("hvc0")
    assert machine.boot() == taken("hvc0")


def test_the_hypervisors_own_line_has_it_once(machine: Machine) -> None:
    machine.says("hvc0", lines=("hvc0",))
    machine.has("hvc0")
    assert machine.boot() == taken("hvc0")


def test_a_container_has_none_of_its_hosts_lines(machine: Machine) -> None:
    machine.says("tty0 ttyS0", lines=("ttyS0",))
    machine.has("hvc0")
    assert machine.boot("container:systemd-nspawn") == {}


def test_a_kernel_without_consoles_is_no_fault(machine: Machine) -> None:
    assert machine.boot() == {}
