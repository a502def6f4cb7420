"""Which source is taken, what is said of the others, and what a broken one costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from agent.errors import CommandFailed
from agent.properties.read import read
from agent.system.files import Files
from agent.system.host import Host
from agent.system.run import Completed

_DEVICES = "/sys/bus/pci/devices"
FIXTURES = Path(__file__).parents[2] / "fixtures" / "environments"


@dataclass
class Tools:
    """The programs of a node: what guestinfo holds, and which drives have which disc."""

    files: Files
    guestinfo: dict[str, Completed | None] = field(default_factory=dict[str, Completed | None])
    discs: dict[str, dict[str, bytes]] = field(default_factory=dict[str, dict[str, bytes]])
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
            for path in self.files.names(argv[-1]):
                _ = self.files.remove(path)
            return Completed(argv, 0, "", "")
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
        assert argv[1:5] == ("-t", "iso9660", "-o", "ro,nosuid,nodev,noexec")
        disc = self.discs.get(argv[5])
        if disc is None:
            return Completed(argv, 32, "", "mount: no medium found")
        for name, data in disc.items():
            _ = self.files.write(f"{argv[6]}/{name}", data)
        return Completed(argv, 0, "", "")

    def appear(self) -> None:
        for drive in self.discs:
            _ = self.files.write(drive, "")


@dataclass
class Node:
    """A host with these tools."""

    tools: Tools

    @property
    def host(self) -> Host:
        return Host(files=self.tools.files, run=self.tools)

    def plug(self, vendor: str) -> None:
        files = self.tools.files
        slot = len(files.names(_DEVICES))
        _ = files.write(f"{_DEVICES}/0000:00:{slot:02x}.0/vendor", f"{vendor}\n")

    def say(self, tool: str, text: str, *, returncode: int = 0) -> None:
        self.tools.guestinfo[tool] = Completed((tool,), returncode, text, "")

    def insert(self, drive: str, **files: bytes) -> None:
        self.tools.discs[drive] = files
        _ = self.tools.files.write(drive, "")


@pytest.fixture
def node(tmp_path: Path) -> Node:
    """A machine of VMware's."""
    made = Node(Tools(Files(tmp_path)))
    made.plug("0x8086")
    made.plug("0x15ad")
    return made


def _fixture(name: str) -> str:
    return (FIXTURES / f"{name}.xml").read_text(encoding="utf-8")


def test_guestinfo_comes_first_and_nothing_else_is_asked(node: Node) -> None:
    node.say("vmtoolsd", _fixture("govc"))
    node.insert("/dev/sr0", **{"ovf-env.xml": _fixture("vcenter").encode()})
    answers = read(node.host)
    assert answers.source == "guestinfo"
    assert answers.raw == {"network.mode": "dhcp", "node.name": "govc1"}
    assert answers.tried == ("guestinfo by vmtoolsd: found",)
    assert not answers.is_strict
    assert node.tools.calls == [("vmtoolsd", "--cmd", "info-get guestinfo.ovfEnv")]


def test_no_tool_is_started_where_no_host_can_answer(tmp_path: Path) -> None:
    node = Node(Tools(Files(tmp_path)))
    node.plug("0x8086")
    node.say("vmtoolsd", _fixture("govc"))
    answers = read(node.host)
    assert node.tools.calls[0][0] == "systemctl"
    assert answers.tried[0] == "guestinfo: no VMware device"


def test_a_container_may_have_a_host_whatever_devices_it_sees(tmp_path: Path) -> None:
    node = Node(Tools(Files(tmp_path)))
    node.plug("0x8086")
    _ = node.tools.files.write("/run/systemd/container", "systemd-nspawn")
    node.say("vmtoolsd", _fixture("govc"))
    assert read(node.host).source == "guestinfo"


def test_the_small_tool_steps_in(node: Node) -> None:
    node.say("vmtoolsd", "", returncode=1)
    node.say("vmware-rpctool", _fixture("govc"))
    answers = read(node.host)
    assert answers.source == "guestinfo"
    assert answers.tried == (
        "guestinfo by vmtoolsd: no value",
        "guestinfo by vmware-rpctool: found",
    )


@pytest.mark.parametrize("said", ["", "\n", "NULL", "null\n", "No value found\n", "\0"])
def test_what_counts_as_no_value(node: Node, said: str) -> None:
    node.say("vmtoolsd", said)
    answers = read(node.host)
    assert answers.source == ""
    assert answers.faults == ()
    assert answers.raw == {}


def test_a_node_that_nobody_answers(node: Node) -> None:
    answers = read(node.host)
    assert answers.raw == {}
    assert answers.tried == (
        "guestinfo by vmtoolsd: the program vmtoolsd is not installed",
        "guestinfo by vmware-rpctool: the program vmware-rpctool is not installed",
        "/etc/bandstand/answers.yaml: none",
        "/etc/bandstand/answers.json: none",
    )


@pytest.mark.parametrize("name", ["ovf-env.xml", "OVF-ENV.XML", "Ovf-Env.xml", "ovf_env.xml"])
def test_any_drive_and_either_case(node: Node, name: str) -> None:
    node.tools.discs["/dev/sr0"] = {}
    node.insert("/dev/sr0", readme=b"installer")
    node.insert("/dev/sr1", **{name: _fixture("vcloud").encode()})
    answers = read(node.host)
    assert answers.source == "disc in /dev/sr1"
    assert answers.raw["guestinfo.hostname"] == "web-1.example.net"
    assert "/dev/sr0: no ovf-env.xml" in answers.tried
    mounted = [call for call in node.tools.calls if call[0] == "mount"]
    left = [call for call in node.tools.calls if call[0] == "umount"]
    assert len(mounted) == len(left) == 2
    assert node.tools.files.names("/run/bandstand/disc") == ()


def test_the_mount_point_is_private(node: Node) -> None:
    node.insert("/dev/sr0", **{"ovf-env.xml": _fixture("govc").encode()})
    _ = read(node.host)
    mode = node.tools.files.path("/run/bandstand/disc").stat().st_mode
    assert mode & 0o777 == 0o700


def test_an_empty_drive_is_said(node: Node) -> None:
    _ = node.tools.files.write("/dev/sr0", "")
    answers = read(node.host)
    assert "/dev/sr0: no disc that can be read (mount: no medium found)" in answers.tried
    assert not any(call[0] == "umount" for call in node.tools.calls)


def test_a_drive_that_udev_still_works_on_is_waited_for(node: Node) -> None:
    """First boot starts before udev does."""
    node.tools.has_udev = True
    node.tools.discs["/dev/sr0"] = {"ovf-env.xml": _fixture("govc").encode()}
    assert read(node.host).source == "disc in /dev/sr0"
    assert ("udevadm", "settle", "--timeout=30") in node.tools.calls


def test_a_disc_too_large_is_said(node: Node) -> None:
    node.insert("/dev/sr0", **{"ovf-env.xml": b"x" * ((1 << 20) + 1)})
    assert "/dev/sr0: ovf-env.xml is too large" in read(node.host).tried


@pytest.mark.parametrize("broken", ["garbled", "entities", "foreign", "govc-unescaped"])
def test_a_broken_environment_is_a_fault_and_the_next_source_is_tried(
    node: Node, broken: str
) -> None:
    node.say("vmtoolsd", _fixture(broken))
    node.insert("/dev/sr0", **{"ovf-env.xml": _fixture("govc").encode()})
    answers = read(node.host)
    assert answers.source == "disc in /dev/sr0"
    assert [fault.setting for fault in answers.faults] == ["ovf-environment"]


@pytest.mark.parametrize("idle", ["empty", "defaults-only"])
def test_an_environment_that_says_nothing_gives_way(node: Node, idle: str) -> None:
    node.say("vmtoolsd", _fixture(idle))
    _ = node.tools.files.write("/etc/bandstand/answers.yaml", "node: {name: from-file}\n")
    answers = read(node.host)
    assert answers.source == "/etc/bandstand/answers.yaml"
    assert answers.raw == {"node.name": "from-file"}
    assert answers.is_strict


def test_the_first_that_says_anything_is_taken_whole(node: Node) -> None:
    node.say("vmtoolsd", _fixture("host-client-null"))
    _ = node.tools.files.write("/etc/bandstand/answers.yaml", "network.mode: dhcp\n")
    assert read(node.host).raw == {"node.name": "edge7"}


def test_json_after_yaml(node: Node) -> None:
    _ = node.tools.files.write("/etc/bandstand/answers.yaml", "node: {name: [}\n")
    _ = node.tools.files.write("/etc/bandstand/answers.json", '{"node.name": "n1"}')
    answers = read(node.host)
    assert answers.source == "/etc/bandstand/answers.json"
    assert [fault.setting for fault in answers.faults] == ["answers"]


def test_a_misspelt_key_makes_a_source_too(node: Node) -> None:
    _ = node.tools.files.write("/etc/bandstand/answers.yaml", "network.addressx: 192.0.2.10/24\n")
    assert read(node.host).source == "/etc/bandstand/answers.yaml"
