"""A machine of VMware's as the readers of its properties meet it: its tools, discs and media."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from agent.errors import CommandFailed
from agent.system.files import Files
from agent.system.host import Host
from agent.system.run import Completed
from tests.fakes.clock import FakeClock

DEVICES = "/sys/bus/pci/devices"
LINK = "/dev/disk/by-label/BANDSTAND"
POINT = "/run/bandstand/disc"
PRIVATE = "ro,nosuid,nodev,noexec"


@dataclass
class Tools:
    """The programs of a node: what guestinfo holds, and which device has which files of which
    file system.
    """

    files: Files
    guestinfo: dict[str, Completed | None] = field(default_factory=dict[str, Completed | None])
    discs: dict[str, dict[str, bytes]] = field(default_factory=dict[str, dict[str, bytes]])
    kinds: dict[str, str] = field(default_factory=dict[str, str])
    links: dict[str, str] = field(default_factory=dict[str, str])
    calls: list[tuple[str, ...]] = field(default_factory=list[tuple[str, ...]])
    has_udev: bool = False

    def __call__(
        self,
        *argv: str,
        check: bool = True,
        stdin: str | None = None,
        timeout_s: float = 60,
        environment: Mapping[str, str] | None = None,
    ) -> Completed:
        assert not check and timeout_s <= 30
        self.calls.append(argv)
        if argv[0] == "mount":
            return self._mount(argv)
        if argv[0] == "umount":
            assert argv[1:] == (POINT,)
            for path in self.files.path(POINT).iterdir():
                path.unlink()
            return Completed(argv, 0, "", "")
        if "info-get guestinfo.ovfEnv" in argv:
            # It would write ? for every letter that is not ASCII.
            assert environment == {"LC_ALL": "C.UTF-8"}
        answer = self.guestinfo.get(argv[0])
        if argv == ("systemctl", "start", "systemd-udev-trigger.service") and self.has_udev:
            _ = self.files.write("/run/udev/control", "")
            return Completed(argv, 0, "", "")
        if argv[0] == "udevadm":
            self.appear()
            return Completed(argv, 0, "", "")
        if answer is None:
            raise CommandFailed(f"the program {argv[0]} is not installed")
        return answer

    def _mount(self, argv: tuple[str, ...]) -> Completed:
        kind, options, device, point = argv[2], argv[4], argv[5], argv[6]
        assert (argv[1], argv[3], point) == ("-t", "-o", POINT)
        # Without its journal: to replay it would write to somebody's disk.
        assert options == (f"{PRIVATE},noload" if kind == "ext4" else PRIVATE)
        disc = self.discs.get(device)
        if disc is None:
            return Completed(argv, 32, "", "mount: no medium found")
        if kind != self.kinds.get(device, "iso9660"):
            return Completed(argv, 32, "", "mount: wrong fs type")
        for name, data in disc.items():
            _ = self.files.write(f"{point}/{name}", data)
        for name, to in self.links.items():
            self.files.path(f"{point}/{name}").symlink_to(to)
        return Completed(argv, 0, "", "")

    def appear(self) -> None:
        for drive in self.discs:
            _ = self.files.write(drive, "")


@dataclass
class Node:
    """A host with these tools."""

    tools: Tools
    clock: FakeClock = field(default_factory=FakeClock)

    @property
    def host(self) -> Host:
        return Host(files=self.tools.files, run=self.tools, clock=self.clock)

    @property
    def programs(self) -> list[str]:
        return [call[0] for call in self.tools.calls]

    def plug(self, vendor: str) -> None:
        files = self.tools.files
        slot = len(files.names(DEVICES))
        _ = files.write(f"{DEVICES}/0000:00:{slot:02x}.0/vendor", f"{vendor}\n")

    def say(self, tool: str, text: str, *, returncode: int = 0, stderr: str = "") -> None:
        self.tools.guestinfo[tool] = Completed((tool,), returncode, text, stderr)

    def insert(self, drive: str, **files: bytes) -> None:
        self.tools.discs[drive] = files
        self.label(drive, "OVF ENV")

    def label(self, drive: str, text: str) -> None:
        """Where ISO 9660 has it."""
        raw = bytes(16 * 2048 + 40) + text.encode().ljust(32)
        _ = self.tools.files.write(drive, raw)

    def attach(self, kind: str, **files: bytes) -> None:
        """A disk with our label, which udev has seen."""
        self.tools.discs[LINK], self.tools.kinds[LINK] = files, kind
        _ = self.tools.files.write(LINK, "")
