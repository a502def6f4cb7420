"""A factory reset: the boot that finds it asked for is a first one, wherever it breaks off."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest

from agent.accepted import acts, store
from agent.audit.trail import TRAIL
from agent.change import Outcome
from agent.network.state import NETWORK_FILE
from agent.node.ssh import SSHD_FILE
from agent.services import places
from agent.settings import normal
from agent.settings.secret import Secret
from agent.system import nginx, systemd
from agent.system.files import Files
from agent.values import join_string
from firstboot import reset
from firstboot.sequence import JOURNAL
from tests.fakes.run import Call
from tests.firstboot.machine import STATIC, Machine

JOIN = join_string.format(join_string.generate([join_string.parse_seed("192.0.2.11")]))
OTHER = join_string.format(join_string.generate([join_string.parse_seed("192.0.2.12")]))
GIVEN = {**STATIC, "node.name": "n1", "cluster.join": JOIN}
BY_HAND = "/etc/systemd/network/50-by-hand.network"
PASSWD = "root:x:0:0::/root:/bin/sh\nadmin:x:1000:1000::/home/admin:/bin/bash\n"
KEPT = {
    "/etc/bandstand/release": "VERSION=1\n",
    "/etc/bandstand/answers.yaml": "",
    places.KEYBOARD_FILE: "KEYMAP=de\n",
    BY_HAND: "[Match]\n",
    "/etc/ssh/sshd_config": "Include x\n",
}
GONE = {
    "/etc/bandstand/settings.json.damaged": "{",
    "/var/lib/bandstand/identity/key.pem": "private",
    "/var/lib/bandstand/snapshots/3": "sealed",
    "/var/lib/bandstand/support/bundle.tar.gz": "logs",
    "/var/lib/bandstand/claim-code": "K7QF-2M9T",
    "/var/lib/bandstand/network-before.json": "{}",
    f"{nginx.FOLDER}/pair-1/key.pem": "private",
    SSHD_FILE: "PermitRootLogin no\n",
    NETWORK_FILE: "[Match]\n",
    "/etc/ssh/ssh_host_ed25519_key": "private",
    "/home/admin/.ssh/authorized_keys": "ssh-ed25519 x",
    "/etc/sudoers.d/bandstand-admin": "admin",
    "/etc/shadow-": "admin:$6$old",
    "/var/lib/private/bandstand-syslog/spool": "message",
}


class Cut(Exception):
    """The power goes."""


class Fragile(Files):
    """The power goes after every change."""

    def write(
        self, name: str, content: str | bytes, *, mode: int = 0o644, owner: str | None = None
    ) -> bool:
        return _cut(did=super().write(name, content, mode=mode, owner=owner))

    def remove(self, name: str) -> bool:
        return _cut(did=super().remove(name))


def _cut(*, did: bool) -> bool:
    if did:
        raise Cut
    return did


def _lay(machine: Machine) -> None:
    """A node that is used: accepted, joined once, with a password typed at the console."""
    files = machine.host.files
    _ = machine.boot(GIVEN)
    acts.consume(files, "cluster.join")
    _ = acts.put_act(files, "cluster.join", Secret(OTHER))
    node = machine.own.node._replace(admin_password=Secret("correct horse"))
    _ = store.save(files, store.load(files)._replace(own=machine.own._replace(node=node)))
    for name, text in {**KEPT, **GONE, "/etc/passwd": PASSWD, "/etc/hostname": "n1\n"}.items():
        _ = files.write(name, text)
    _ = systemd.enable(files, nginx.UNIT)
    _ = systemd.enable(files, "ssh.service")

    def without_admin(_: Call) -> None:
        files.write("/etc/passwd", PASSWD.partition("admin")[0])

    machine.run.on("userdel", effect=without_admin)


def _asked(machine: Machine) -> None:
    _ = machine.host.files.remove(store.CONFIGURED)
    _ = machine.host.files.write(store.RESET, "")


def _is_as_new(files: Files) -> None:
    assert [name for name in GONE if files.exists(name)] == []
    assert {name: files.read(name) for name in KEPT} == KEPT
    assert not files.exists(store.RESET)
    assert "admin" not in (files.read("/etc/passwd") or "")
    assert not systemd.is_enabled(files, nginx.UNIT)
    assert not systemd.is_enabled(files, "ssh.service")


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    machine = Machine(tmp_path)
    _lay(machine)
    return machine


def test_it_comes_up_as_a_first_boot_does(machine: Machine) -> None:
    _asked(machine)
    assert not machine.boot(STATIC).faults
    files = machine.host.files
    _is_as_new(files)
    assert files.read("/etc/hostname") == "bandstand\n"
    assert normal.to_text(machine.own) == {
        "network.mode": "static",
        "network.address": "192.0.2.10/24",
        "network.gateway": "192.0.2.1",
        "network.dns": "192.0.2.53",
    }
    assert normal.secrets_of(machine.own) == {}
    assert files.names("/etc/bandstand/secrets") == ()
    assert files.exists(store.CONFIGURED)
    assert machine.status["source"] == "guestinfo"
    assert '"verb": "factory-reset"' in (files.read(TRAIL) or "")


def test_an_act_that_was_done_is_not_done_again_and_what_waited_is_forgotten(
    machine: Machine,
) -> None:
    _asked(machine)
    _ = machine.boot(GIVEN)
    assert acts.pending(machine.host.files) == {}
    assert acts.put_act(machine.host.files, "cluster.join", Secret(OTHER))


def test_properties_that_were_taken_in_before_are_taken_in_again(machine: Machine) -> None:
    _ = machine.boot({**GIVEN, "node.name": "n2"})
    assert machine.own.node.name == "n1"
    _asked(machine)
    _ = machine.boot({**GIVEN, "node.name": "n2"})
    assert machine.own.node.name == "n2"
    assert machine.changed == []


def test_the_folders_of_others_stay_theirs(machine: Machine) -> None:
    _asked(machine)
    folder = machine.host.files.path("/var/lib/bandstand/identity")
    folder.chmod(0o700)
    before = folder.stat()
    _ = machine.boot(STATIC)
    assert (folder.stat().st_ino, folder.stat().st_mode) == (before.st_ino, before.st_mode)


def test_cut_off_after_every_change_the_end_is_the_same(machine: Machine) -> None:
    """Each boot comes one change further, until one has nothing left to do."""
    _asked(machine)
    files, cuts = machine.host.files, 0
    fragile = machine.host._replace(files=Fragile(files.root))
    while files.exists(store.RESET):
        with suppress(Cut):
            _ = reset.reset(fragile)
        cuts += 1
        assert not files.exists(store.CONFIGURED)
        assert cuts < 200
    assert cuts > len(GONE)
    _is_as_new(files)
    assert not store.exists(files)
    assert files.exists(f"{acts.FOLDER}/.seen.json")
    assert not machine.boot(STATIC).faults


def test_asked_for_at_a_later_boot_the_machine_starts_again_first(machine: Machine) -> None:
    _ = machine.host.files.write(store.RESET, "")
    before = machine.own
    assert machine.boot(STATIC) == Outcome()
    assert machine.run.asked("systemctl", "--no-block", "reboot")
    assert machine.own == before
    assert not machine.host.files.exists(store.CONFIGURED)
    _ = machine.boot(STATIC)
    _is_as_new(machine.host.files)


def test_a_boot_that_is_under_way_leaves_it_to_a_first_one(machine: Machine) -> None:
    for name in (store.CONFIGURED, JOURNAL):
        _ = machine.host.files.remove(name)
    machine.during_waits = lambda: machine.host.files.write(store.RESET, "")
    _ = machine.boot(GIVEN)
    assert not machine.host.files.exists(store.CONFIGURED)


def test_what_cannot_be_taken_away_is_told_once_and_the_node_goes_on(machine: Machine) -> None:
    machine.run.on("userdel", returncode=8, stderr="admin is used")
    _asked(machine)
    (fault,) = machine.boot(STATIC).faults
    assert (fault.code, fault.setting) == ("not-reset", "reset")
    assert "account" in fault.message
    assert [row["code"] for row in machine.status["faults"]] == ["not-reset"]
    assert not machine.boot(STATIC).faults
    assert machine.own.network.is_static
