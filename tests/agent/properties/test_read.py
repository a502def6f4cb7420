"""Which source is taken, what is said of the others, and what a broken one costs."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from agent.properties.read import read, read_again, read_files
from agent.system.files import Files
from tests.agent.properties.machine import LINK, POINT, Node, Tools

# What the two tools say of a key that nobody set, and without a host.
_UNSET = "No value found"
_NO_HOST = "Unable to send command to VMware hypervisor."
FIXTURES = Path(__file__).parents[2] / "fixtures" / "environments"


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
        "medium BANDSTAND: none",
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
    tried = read(node.host).tried
    assert "/dev/sr0: cannot be read (larger than 1048576 bytes)" in tried


@pytest.mark.parametrize("broken", ["garbled", "entities", "foreign"])
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


def test_the_reader_that_has_no_host_spares_the_other(node: Node) -> None:
    node.say("vmtoolsd", "", returncode=1, stderr=f"{_NO_HOST}\n")
    assert read(node.host).tried[0] == "guestinfo by vmtoolsd: no value"
    assert "vmware-rpctool" not in node.programs
    assert node.clock.passed_s == 0


class TestAFreshDeploy:
    """A client powers it on, and only then gives it its environment."""

    @pytest.fixture(autouse=True)
    def unset(self, node: Node) -> None:
        node.say("vmtoolsd", "", returncode=1, stderr=f"{_UNSET}\n")

    def test_is_waited_for_while_the_host_has_none_yet(
        self, node: Node, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def pause(seconds: float) -> None:
            node.clock.pass_s(seconds)
            if node.clock.passed_s >= 3:
                node.say("vmtoolsd", _fixture("govc"))

        monkeypatch.setattr(node.clock, "pause", pause)
        answers = read(node.host)
        assert answers.source == "guestinfo"
        assert answers.tried[-1] == "guestinfo by vmtoolsd: found after 3 s"
        assert node.programs.count("vmtoolsd") == 4
        assert "vmware-rpctool" not in node.programs

    def test_is_given_up_after_a_while(self, node: Node) -> None:
        answers = read(node.host)
        assert answers.source == ""
        assert answers.tried[-1] == "guestinfo by vmtoolsd: no value for 5 s"
        assert node.clock.passed_s == 5

    def test_is_not_waited_for_where_somebody_else_answers(self, node: Node) -> None:
        _ = node.tools.files.write("/etc/bandstand/answers.yaml", "node: {name: from-file}\n")
        assert read(node.host).source == "/etc/bandstand/answers.yaml"
        assert node.clock.passed_s == 0

    def test_is_not_waited_for_on_a_later_boot(self, node: Node) -> None:
        assert read_again(node.host).source == ""
        assert node.clock.passed_s == 0
        assert node.programs == ["vmtoolsd"]


@pytest.mark.parametrize("kind", ["iso9660", "vfat", "ext4"])
@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("answers.yaml", b"node: {name: n1}"),
        ("ANSWERS.JSON", b'{"node.name": "n1"}'),
        ("answers.yaml", "\ufeffnode.name: n1\r\n".encode("utf-16-le")),
    ],
    ids=["yaml", "json", "utf-16"],
)
def test_a_medium_of_our_label(node: Node, kind: str, name: str, data: bytes) -> None:
    node.attach(kind, **{name: data})
    _ = node.tools.files.write("/etc/bandstand/answers.yaml", "node.name: n2\n")
    answers = read(node.host)
    assert answers.source == f"medium BANDSTAND: {name.lower()}"
    assert answers.raw == {"node.name": "n1"}
    assert answers.is_strict
    assert f"medium BANDSTAND: {name.lower()} found" in answers.tried
    assert node.programs[-1] == "umount"


def test_a_disc_of_our_label_comes_after_every_environment(node: Node) -> None:
    node.insert("/dev/sr0", **{"answers.yaml": b"node.name: n1"})
    node.label("/dev/sr0", "BANDSTAND")
    node.insert("/dev/sr1", **{"ovf-env.xml": _fixture("govc").encode()})
    assert read(node.host).source == "disc in /dev/sr1"
    node.tools.discs["/dev/sr1"] = {}
    answers = read(node.host)
    assert answers.source == "disc in /dev/sr0: answers.yaml"
    assert answers.raw == {"node.name": "n1"}


def test_a_disc_of_another_label_holds_no_answers(node: Node) -> None:
    node.insert("/dev/sr0", **{"answers.yaml": b"node.name: n1"})
    node.label("/dev/sr0", "BANDSTAND2")
    answers = read(node.host)
    assert answers.source == ""
    assert "/dev/sr0: no ovf-env.xml" in answers.tried


def test_a_disc_is_not_looked_at_twice(node: Node) -> None:
    node.insert("/dev/sr0")
    node.label("/dev/sr0", "BANDSTAND")
    node.tools.files.path(LINK).parent.mkdir(parents=True)
    node.tools.files.path(LINK).symlink_to("../../sr0")
    tried = read(node.host).tried
    assert "/dev/sr0: no answers.{yaml,json}, by its label BANDSTAND" in tried
    assert node.programs.count("mount") == 1


@pytest.mark.parametrize("name", ["answers.yaml", "ovf-env.xml"])
def test_a_link_on_a_medium_leads_nowhere(node: Node, name: str) -> None:
    """It could have a file of ours told in a fault."""
    _ = node.tools.files.write("/etc/shadow", "root:$y$tr0ub4dor")
    node.tools.links[name] = str(node.tools.files.path("/etc/shadow"))
    node.insert("/dev/sr0")
    node.label("/dev/sr0", "BANDSTAND")
    answers = read(node.host)
    assert "/dev/sr0: cannot be read (Too many levels of symbolic links)" in answers.tried
    assert "tr0ub4dor" not in repr(answers)
    assert node.programs[-1] == "umount"


def test_a_pipe_on_a_medium_is_not_waited_for(node: Node, tmp_path: Path) -> None:
    node.attach("ext4")
    node.tools.files.make_folder(POINT)
    os.mkfifo(tmp_path / POINT.lstrip("/") / "answers.yaml")
    assert "medium BANDSTAND: cannot be read (no plain file)" in read(node.host).tried


@pytest.mark.parametrize("data", [b"node: {name: [}", b"\xff", b"x" * (1 << 20)], ids=range(3))
def test_a_broken_medium_is_told_and_the_next_source_taken(node: Node, data: bytes) -> None:
    node.attach("vfat", **{"answers.yaml": data})
    _ = node.tools.files.write("/etc/bandstand/answers.json", '{"node.name": "n2"}')
    answers = read(node.host)
    assert answers.raw == {"node.name": "n2"}
    assert answers.faults or any("larger than" in said for said in answers.tried)


def test_a_disk_that_udev_has_not_seen_is_waited_for(node: Node) -> None:
    files = node.tools.files
    node.insert("/dev/sr0")
    node.tools.has_udev = True
    _ = files.write("/sys/class/block/sdb/dev", "8:16\n")
    node.tools.discs[LINK] = {"answers.yaml": b"node.name: n1"}
    assert read(node.host).source == "medium BANDSTAND: answers.yaml"
    assert ("udevadm", "settle", "--timeout=30") in node.tools.calls


def test_nothing_is_waited_for_where_udev_has_seen_every_disk(node: Node) -> None:
    files = node.tools.files
    node.insert("/dev/sr0")
    for name, number in (("sda", "8:0"), ("sda1", "8:1")):
        _ = files.write(f"/sys/class/block/{name}/dev", f"{number}\n")
        _ = files.write(f"/run/udev/data/b{number}", "I:1\n")
    _ = files.write("/sys/class/block/sr0/dev", "11:0\n")
    _ = read(node.host)
    assert not {"systemctl", "udevadm"} & set(node.programs)


class TestALaterBoot:
    """Reads the environment alone, and starts a program only where that may be worth it."""

    def test_starts_nothing_without_a_host_and_without_a_disc(self, tmp_path: Path) -> None:
        node = Node(Tools(Files(tmp_path)))
        node.plug("0x8086")
        _ = node.tools.files.write("/dev/sr0", "")
        _ = node.tools.files.write("/sys/class/block/sr0/dev", "11:0\n")
        _ = node.tools.files.write("/run/udev/data/b11:0", "E:ID_CDROM=1\n")
        _ = node.tools.files.write("/etc/bandstand/answers.yaml", "node.name: n1\n")
        answers = read_again(node.host)
        assert node.tools.calls == []
        assert answers.source == ""
        assert answers.tried == ("guestinfo: no VMware device",)

    def test_reads_a_disc_that_udev_saw(self, tmp_path: Path) -> None:
        node = Node(Tools(Files(tmp_path)))
        node.insert("/dev/sr0", **{"ovf-env.xml": _fixture("vcenter").encode()})
        _ = node.tools.files.write("/sys/class/block/sr0/dev", "11:0\n")
        _ = node.tools.files.write("/run/udev/data/b11:0", "E:ID_FS_TYPE=iso9660\n")
        assert read_again(node.host).source == "disc in /dev/sr0"
        assert node.programs == ["mount", "umount"]

    def test_reads_guestinfo(self, node: Node) -> None:
        node.say("vmtoolsd", _fixture("vcenter"))
        assert read_again(node.host).raw["network.gateway"] == "192.0.2.1"
        assert node.programs == ["vmtoolsd"]

    def test_does_not_read_a_document_that_was_seen(self, node: Node) -> None:
        node.say("vmtoolsd", _fixture("vcenter"))
        answers = read_again(node.host, lambda seen: seen == _fixture("vcenter").encode())
        assert (answers.raw, answers.source) == ({}, "guestinfo")
        assert answers.tried == ("guestinfo by vmtoolsd: found",)

    def test_of_answers_files_reads_discs_then_the_medium_then_our_own(self, node: Node) -> None:
        node.say("vmtoolsd", _fixture("vcenter"))
        files = node.tools.files
        node.insert("/dev/sr0", **{"answers.yaml": b"node.name: n1"})
        node.label("/dev/sr0", "BANDSTAND")
        _ = files.write("/sys/class/block/sr0/dev", "11:0\n")
        _ = files.write("/run/udev/data/b11:0", "E:ID_FS_TYPE=iso9660\n")
        node.attach("vfat", **{"answers.yaml": b"node.name: n2"})
        _ = files.write("/etc/bandstand/answers.yaml", "node.name: n3\n")
        sources: list[str] = []
        for _ in range(4):
            sources.append(read_files(node.host).source)
            for device, source in (("/dev/sr0", "disc"), (LINK, "medium")):
                if sources[-1].startswith(source):
                    node.tools.discs[device] = {}
            if sources[-1].startswith("/etc"):
                _ = files.remove(sources[-1])
        assert sources == [
            "disc in /dev/sr0: answers.yaml",
            "medium BANDSTAND: answers.yaml",
            "/etc/bandstand/answers.yaml",
            "",
        ]
        assert "vmtoolsd" not in node.programs


def test_of_an_ambiguous_environment_our_own_keys_are_faults(node: Node) -> None:
    node.say("vmtoolsd", _fixture("govc-ambiguous"))
    answers = read(node.host)
    assert answers.source == "guestinfo"
    assert [fault.setting for fault in answers.unreadable] == ["node.admin_password"]
    assert answers.faults == ()
    assert "were not escaped" in answers.notices[0]
    assert "mysecret" not in repr(answers)
