"""Who the node is, made so below a folder."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from agent.errors import CommandFailed, StepFailed
from agent.node import act
from agent.node.name import name_early
from agent.node.observe import observe, observe_name
from agent.node.plan import NodePlan, plan
from agent.settings.node import Node
from agent.settings.secret import Secret
from agent.steps.run import run_steps
from agent.steps.step import Step
from tests.fakes.run import Call
from tests.fakes.scene import Machine

KEY = "ssh-ed25519 AAAA one"
HASH = "$6$salt$" + "x" * 86
ADMIN = f"admin:x:{os.getuid()}:{os.getgid()}::/home/admin:/bin/bash\n"
SUDO = "/etc/sudoers.d/bandstand-admin"
KEYS = "/home/admin/.ssh/authorized_keys"
SSHD = "/etc/ssh/sshd_config.d/10-bandstand.conf"
SSH_WANTS = "/etc/systemd/system/multi-user.target.wants/ssh.service"
SSH_RUNS = "/run/systemd/units/invocation:ssh.service"


@dataclass
class Scene(Machine):
    """A fresh image below a folder; programs do what they would to its files."""

    names: list[str] = field(default_factory=list[str])

    def __post_init__(self) -> None:
        files = self.files
        files.write("/etc/hosts", "127.0.0.1 localhost\n")
        files.write("/etc/hostname", "debian\n")
        files.write("/etc/passwd", "root:x:0:0:root:/root:/bin/bash\n")
        files.write("/etc/shadow", "root:*:1::::::\n")
        files.write("/etc/group", "sudo:x:27:\n")
        files.write("/etc/machine-id", "")
        files.write("/usr/share/zoneinfo/Etc/UTC", "")
        files.write("/usr/share/zoneinfo/Europe/Berlin", "")
        files.link("/etc/localtime", to="/usr/share/zoneinfo/Etc/UTC")
        self.rename("debian")
        self.run.on("useradd", effect=self._useradd)
        self.run.on("chpasswd", effect=self._chpasswd)
        self.run.on("ssh-keygen", effect=self._ssh_keygen)

    def rename(self, name: str) -> None:
        self.names.append(name)
        self.files.write("/proc/sys/kernel/hostname", f"{name}\n")

    def uncover(self, _: Call) -> None:
        self.files.write("/proc/self/mountinfo", "")

    def plan(self, settings: Node) -> NodePlan:
        return plan(settings, observe(self.host, mac=lambda _: "00:50:56:ab:cd:ef"))

    def apply(self, settings: Node) -> tuple[Step, ...]:
        steps = act.steps(self.plan(settings), self.host, rename=self.rename)
        return run_steps(steps, self.journal, self.host.clock)

    def _useradd(self, call: Call) -> None:
        assert call.argv[-1] == "admin"
        self._append("/etc/passwd", ADMIN)
        self._append("/etc/shadow", "admin:!:1::::::\n")
        self.files.write("/etc/group", "sudo:x:27:admin\n")

    def _chpasswd(self, call: Call) -> None:
        _, _, word = (call.stdin or "").strip().partition(":")
        hashed = word if "--encrypted" in call.argv else "$y$of-" + word[::-1]
        lines = (self.files.read("/etc/shadow") or "").splitlines()
        kept = [line for line in lines if not line.startswith("admin:")]
        self.files.write("/etc/shadow", "\n".join([*kept, f"admin:{hashed}:1::::::"]) + "\n")

    def _ssh_keygen(self, call: Call) -> None:
        name = Path(call.argv[-1])
        assert not name.exists()
        name.write_text("PRIVATE")
        name.with_name(f"{name.name}.pub").write_text("public")

    def _append(self, name: str, text: str) -> None:
        self.files.write(name, (self.files.read(name) or "") + text)


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path)


def _mode(scene: Scene, name: str) -> int:
    return scene.files.path(name).stat().st_mode & 0o777


def test_the_name_is_the_kernels_the_next_boots_and_in_hosts(scene: Scene) -> None:
    scene.apply(Node(name="n1.example.com"))
    assert scene.names[-1] == "n1"
    assert scene.files.read("/etc/hostname") == "n1\n"
    assert "127.0.1.1\tn1.example.com n1\n" in (scene.files.read("/etc/hosts") or "")


@pytest.mark.parametrize(
    ("settings", "name"), [(Node(name="n1.example.com"), "n1"), (Node(), "bandstand-0000a1")]
)
def test_the_name_that_networkd_tells_is_the_one_that_stays(
    scene: Scene, settings: Node, name: str
) -> None:
    observed = observe_name(scene.host, mac=lambda _: "00:50:56:00:00:a1")
    name_early(settings, observed, scene.host, rename=scene.rename)
    assert scene.names[-1] == name
    assert scene.files.read("/etc/hostname") == f"{name}\n"
    scene.apply(settings)
    assert scene.names[-1] == name
    name_early(settings, observed, scene.host, rename=scene.rename)
    assert scene.names == ["debian", name]


def test_a_name_that_cannot_be_set_early_costs_no_network(scene: Scene) -> None:
    def refuse(_: str) -> None:
        raise PermissionError

    name_early(Node(name="n1"), observe_name(scene.host), scene.host, rename=refuse)
    assert scene.files.read("/proc/sys/kernel/hostname") == "debian\n"


def test_a_fresh_image_gets_an_identity_of_its_own(scene: Scene) -> None:
    scene.apply(Node())
    machine_id = (scene.files.read("/etc/machine-id") or "").strip()
    assert len(machine_id) == 32
    assert (machine_id[12], machine_id[16] in "89ab") == ("4", True)
    assert scene.names[-1] == "bandstand-abcdef"
    for kind in ("ed25519", "ecdsa"):
        assert scene.files.read(f"/etc/ssh/ssh_host_{kind}_key") == "PRIVATE"
        assert _mode(scene, f"/etc/ssh/ssh_host_{kind}_key") == 0o600
        assert scene.files.read(f"/etc/ssh/ssh_host_{kind}_key.pub") == "public"
    assert scene.files.names("/run/bandstand") == ()


def test_the_machine_id_that_systemd_made_is_committed(scene: Scene) -> None:
    scene.files.write("/etc/machine-id", "1" * 32 + "\n")
    scene.files.write("/proc/self/mountinfo", "1 2 0:3 / /etc/machine-id ro - tmpfs tmpfs ro\n")
    commit = ("systemd-machine-id-setup", "--commit")
    scene.run.on(*commit, effect=scene.uncover)
    scene.apply(Node())
    assert scene.run.asked(*commit)
    assert scene.files.read("/etc/machine-id") == "1" * 32 + "\n"


def test_what_is_there_already_is_kept(scene: Scene) -> None:
    scene.files.write("/etc/machine-id", "1" * 32 + "\n")
    for kind in ("ed25519", "ecdsa"):
        scene.files.write(f"/etc/ssh/ssh_host_{kind}_key", "OLD")
        scene.files.write(f"/etc/ssh/ssh_host_{kind}_key.pub", "old")
    scene.apply(Node())
    assert scene.files.read("/etc/machine-id") == "1" * 32 + "\n"
    assert not scene.run.asked("ssh-keygen")


@pytest.mark.parametrize("emptied", ["_key", "_key.pub"])
def test_a_host_key_that_a_power_cut_emptied_is_made_again(scene: Scene, emptied: str) -> None:
    scene.apply(Node())
    scene.files.write(f"/etc/ssh/ssh_host_ecdsa{emptied}", "")
    scene.apply(Node())
    assert scene.files.read("/etc/ssh/ssh_host_ecdsa_key") == "PRIVATE"
    assert [call.argv[3] for call in scene.run.asked("ssh-keygen")] == ["ed25519", "ecdsa", "ecdsa"]


# The account


def test_the_account_is_made_without_a_password_and_with_free_sudo(scene: Scene) -> None:
    scene.apply(Node(ssh_keys=(KEY,)))
    assert not scene.run.asked("chpasswd")
    assert "NOPASSWD" in (scene.files.read(SUDO) or "")
    assert _mode(scene, SUDO) == 0o440
    assert KEY in (scene.files.read(KEYS) or "")
    assert (_mode(scene, KEYS), _mode(scene, "/home/admin/.ssh")) == (0o600, 0o700)


@pytest.mark.parametrize(("password", "option"), [("correct horse", []), (HASH, ["--encrypted"])])
def test_a_password_goes_through_standard_input_alone(
    scene: Scene, password: str, option: list[str]
) -> None:
    scene.apply(Node(admin_password=Secret(password)))
    (call,) = scene.run.asked("chpasswd")
    assert list(call.argv) == ["chpasswd", *option]
    assert call.stdin == f"admin:{password}\n"
    assert not [one for one in scene.run.calls if password in " ".join(one.argv)]
    assert password not in (scene.files.read("/journal") or "")
    assert not scene.files.exists(SUDO)


def test_free_sudo_ends_when_a_password_comes(scene: Scene) -> None:
    scene.apply(Node())
    scene.apply(Node(admin_password=Secret("correct horse")))
    assert not scene.files.exists(SUDO)


def test_a_password_set_at_the_console_is_not_set_back(scene: Scene) -> None:
    settings = Node(admin_password=Secret("correct horse"))
    scene.apply(settings)
    scene.run("chpasswd", stdin="admin:other word\n")
    scene.run.calls.clear()
    assert scene.apply(settings) == ()
    assert scene.run.calls == []


def test_an_account_outside_sudo_is_taken_in(scene: Scene) -> None:
    scene.files.write("/etc/passwd", ADMIN)
    scene.apply(Node())
    assert not scene.run.asked("useradd")
    assert scene.run.asked("usermod", "--append", "--groups", "sudo", "admin")


def test_undo_gives_back_password_keys_and_sudo(scene: Scene) -> None:
    scene.apply(Node(ssh_keys=(KEY,), admin_password=Secret(HASH)))
    before = scene.files.read(KEYS)
    scene.undo(scene.apply(Node(ssh_keys=("ssh-rsa B x",), admin_password=Secret("new password"))))
    assert scene.files.read(KEYS) == before
    assert f"admin:{HASH}:" in (scene.files.read("/etc/shadow") or "")


@pytest.mark.parametrize(
    ("name", "holder", "stays"),
    [
        ("group.lock", "", False),
        ("group.lock", "87\0", False),
        ("group.lock", "88\0", True),
        ("shadow.87", "87\0", False),
        ("shadow.88", "88\0", True),
        ("passwd.old", "87", True),
        ("passwd.5", "kept by somebody", True),
        ("hosts.lock", "87", True),
    ],
)
def test_a_lock_that_a_power_cut_left_is_taken_away(
    scene: Scene, name: str, holder: str, stays: bool
) -> None:
    scene.files.write("/proc/87/comm", "chronyd\n")
    scene.files.write("/proc/88/comm", "useradd\n")
    scene.files.write(f"/etc/{name}", holder)
    scene.apply(Node())
    assert scene.files.exists(f"/etc/{name}") is stays


def test_undo_of_a_first_password_locks_it(scene: Scene) -> None:
    scene.undo(scene.apply(Node(admin_password=Secret("correct horse"))))
    assert scene.run.calls[-1].argv == ("usermod", "--lock", "admin")


def test_an_account_that_cannot_be_made_is_told(scene: Scene) -> None:
    scene.run.on("useradd", returncode=1, stderr="cannot lock /etc/passwd")
    with pytest.raises(CommandFailed, match="cannot lock"):
        scene.apply(Node())


# SSH, time zone, cloud-init


def test_ssh_is_off_without_a_process_where_the_image_ships_it_off(scene: Scene) -> None:
    scene.apply(Node())
    assert not scene.files.path(SSH_WANTS).is_symlink()
    assert not scene.run.asked("systemctl")


def test_ssh_on_is_started_now_and_at_each_boot(scene: Scene) -> None:
    scene.apply(Node(ssh_keys=(KEY,)))
    assert scene.files.path(SSH_WANTS).is_symlink()
    assert scene.run.asked("systemctl", "--no-block", "reload-or-restart", "ssh.service")
    assert "HostKey /etc/ssh/ssh_host_ed25519_key" in (scene.files.read(SSHD) or "")


def test_ssh_turned_off_is_stopped(scene: Scene) -> None:
    scene.apply(Node(ssh=True))
    scene.files.link(SSH_RUNS, to="0" * 32)
    scene.apply(Node(ssh=False))
    assert not scene.files.path(SSH_WANTS).is_symlink()
    assert scene.run.calls[-1].argv == ("systemctl", "stop", "ssh.service")


def test_undo_turns_ssh_back(scene: Scene) -> None:
    scene.undo(scene.apply(Node(ssh=True)))
    assert not scene.files.path(SSH_WANTS).is_symlink()
    assert not scene.files.exists(SSHD)


def test_the_time_zone_is_linked_and_undone(scene: Scene) -> None:
    done = scene.apply(Node(timezone="Europe/Berlin"))
    link = scene.files.path("/etc/localtime")
    assert str(link.readlink()) == "/usr/share/zoneinfo/Europe/Berlin"
    assert scene.files.read("/etc/timezone") == "Europe/Berlin\n"
    scene.undo(done)
    assert str(link.readlink()) == "/usr/share/zoneinfo/Etc/UTC"


def test_a_zone_that_the_system_lacks_is_named(scene: Scene) -> None:
    with pytest.raises(StepFailed, match="Asia/Tokyo"):
        scene.apply(Node(timezone="Asia/Tokyo"))


def test_cloud_init_is_disabled_masked_and_its_remains_are_gone(scene: Scene) -> None:
    remains = (
        "/etc/ssh/sshd_config.d/50-cloud-init.conf",
        "/etc/sudoers.d/90-cloud-init-users",
        "/var/lib/cloud/instances/i-1/user-data.txt",
    )
    for name in remains:
        scene.files.write(name, "x")
    scene.apply(Node())
    assert scene.files.exists("/etc/cloud/cloud-init.disabled")
    assert not [name for name in remains if scene.files.exists(name)]
    for mask in ("system/cloud-init-local.service", "system-generators/cloud-init-generator"):
        assert str(scene.files.path(f"/etc/systemd/{mask}").readlink()) == "/dev/null"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("/etc/cloud/cloud-init.disabled", None),
        ("/etc/systemd/system/cloud-final.service", None),
        ("/etc/sudoers.d/90-cloud-init-users", "x"),
    ],
)
def test_a_cloud_init_that_came_back_is_sent_away_again(
    scene: Scene, name: str, text: str | None
) -> None:
    scene.apply(Node())
    _ = scene.files.remove(name) if text is None else scene.files.write(name, text)
    assert [step.name for step in scene.apply(Node())] == ["node.cloud-init"]


def test_a_second_run_does_nothing(scene: Scene) -> None:
    settings = Node(name="n1", ssh_keys=(KEY,), timezone="Europe/Berlin")
    scene.apply(settings)
    scene.run.calls.clear()
    assert scene.apply(settings) == ()
    assert scene.run.calls == []


def test_undo_gives_the_name_back(scene: Scene) -> None:
    scene.undo(scene.apply(Node(name="n1")))
    assert scene.names[-1] == "debian"
    assert scene.files.read("/etc/hostname") == "debian\n"
    assert scene.files.read("/etc/hosts") == "127.0.0.1 localhost\n"
