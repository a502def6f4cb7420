"""The verbs of access, asked as the console asks them: on one connection, one after the other."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from agent.accepted import acts, store
from agent.accepted.store import Accepted, Membership
from agent.access import code as one_time
from agent.access import recovery
from agent.access import shell as window
from agent.access.session import Session
from agent.apply import verbs
from agent.apply.serve import serve
from agent.ask.line import Line
from agent.ask.serve import Peer
from agent.ask.wire import Request
from agent.audit.trail import TRAIL
from agent.errors import BandstandError, InputRefused, NotNow, RefusedByPeer
from agent.settings.declaration import Settings
from agent.settings.node import Node
from agent.settings.secret import Secret
from agent.system.files import Files
from agent.system.host import Host
from tests.fakes.clock import FakeClock
from tests.fakes.run import FakeRun

RIGHT = "correct horse"


@dataclass
class Console:
    """A node, and one connection of its console."""

    host: Host
    clock: FakeClock
    session: Session

    def ask(self, verb: str, **args: Any) -> dict[str, Any]:
        return verbs.handle(
            self.host, Request(verb, args), Peer(41, 0, 0), lambda _: None, self.session
        )

    def access(self) -> dict[str, Any]:
        return self.ask("access")

    def refusal(self, verb: str, **args: Any) -> str:
        with pytest.raises(BandstandError) as caught:
            self.ask(verb, **args)
        return caught.value.code

    def connect_anew(self) -> None:
        self.session = Session(self.clock)

    def has_password(self, shown: str = "$y$j9T$abc") -> None:
        _ = self.host.files.write("/etc/shadow", f"root:*:1::::::\nadmin:{shown}:1::::::\n")

    def is_member(self, node: Node = Node()) -> None:  # noqa: B008 - a constant
        own = Settings(node=node)
        _ = store.save(self.host.files, Accepted(own=own, membership=Membership.MEMBER))

    def boots(self, line: str) -> None:
        _ = self.host.files.write("/proc/cmdline", line)

    @property
    def trail(self) -> list[dict[str, Any]]:
        text = self.host.files.read(TRAIL) or ""
        return [json.loads(line) for line in text.splitlines()]


def _check(account: str, password: str) -> bool:
    assert account == "admin"
    return password == RIGHT


@pytest.fixture
def console(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Console:
    monkeypatch.setattr("agent.ask.serve.Peer.user", "bandstand-console")
    monkeypatch.setattr("agent.system.pam.check", _check)
    clock = FakeClock()
    return Console(Host(Files(tmp_path), FakeRun(), clock), clock, Session(clock))


def test_a_node_that_nobody_claimed_is_open(console: Console) -> None:
    told = console.access()
    assert (told["claim"], told["by"], told["wants_password"]) == ("unclaimed", "", False)
    assert (told["recovery"], told["recovered"], told["logged_in"]) == (False, {}, False)
    assert told["shell"] == {"open": False, "left_s": 0}
    assert set(verbs.VERBS) - set(told["may"]) == {"change", "publish", "shell"}
    assert console.ask("restart", unit="nginx.service")["restarted"]


def test_a_claimed_one_asks_for_the_password(console: Console) -> None:
    console.is_member()
    console.has_password()
    told = console.access()
    assert (told["claim"], told["by"], told["has_password"]) == ("claimed", "cluster", True)
    assert set(told["may"]) == {"access", "code", "login", "logout", "network-trial", "status"}
    assert console.refusal("restart", unit="nginx.service") == "login"
    assert console.ask("login", password=RIGHT) == {"logged_in": True, "within_s": 600}
    assert console.access()["logged_in"]
    assert console.ask("restart", unit="nginx.service")["restarted"]
    assert console.ask("logout") == {}
    assert console.refusal("restart", unit="nginx.service") == "login"


def test_a_login_ends_with_the_time_and_with_the_connection(console: Console) -> None:
    console.is_member()
    console.has_password()
    _ = console.ask("login", password=RIGHT)
    console.clock.pass_s(500)
    _ = console.ask("restart", unit="nginx.service")
    console.clock.pass_s(500)
    # What the screen asks by itself does not keep it open.
    assert console.access()["logged_in"]
    console.clock.pass_s(100)
    assert not console.access()["logged_in"]
    _ = console.ask("login", password=RIGHT)
    console.connect_anew()
    assert console.refusal("support") == "login"


def test_wrong_passwords_wait_on_every_connection(console: Console) -> None:
    console.is_member()
    console.has_password()
    for _ in range(3):
        console.connect_anew()
        assert console.refusal("login", password="wrong") == "password-wrong"
    assert console.access()["locked_for_s"] == 2
    console.connect_anew()
    assert console.refusal("login", password=RIGHT) == "locked"
    console.clock.pass_s(2)
    assert console.ask("login", password=RIGHT)["logged_in"]
    assert console.access()["locked_for_s"] == 0


def test_a_wrong_password_ends_the_login_that_was(console: Console) -> None:
    console.is_member()
    console.has_password()
    _ = console.ask("login", password=RIGHT)
    with pytest.raises(RefusedByPeer):
        console.ask("login", password="wrong")
    assert not console.access()["logged_in"]


@pytest.mark.parametrize("shown", ["", "!", "!$y$j9T$abc", "*"])
def test_an_account_that_is_locked_or_has_no_password_never_logs_in(
    console: Console, shown: str
) -> None:
    console.is_member()
    console.has_password(shown)
    assert console.access()["wants_password"]
    with pytest.raises(NotNow, match="nobody can log in") as caught:
        console.ask("login", password=RIGHT)
    assert caught.value.code == "no-password"


@pytest.mark.parametrize("args", [{}, {"password": None}, {"password": 7}])
def test_a_login_takes_a_text(console: Console, args: Mapping[str, Any]) -> None:
    with pytest.raises(InputRefused):
        console.ask("login", **args)
    assert console.access()["locked_for_s"] == 0


def test_no_password_stands_in_the_trail(console: Console) -> None:
    console.is_member()
    console.has_password()
    assert console.refusal("login", password="hunter2") == "password-wrong"
    assert console.refusal("login", passphrase="hunter2") == "usage"
    assert console.refusal("hunter", password="hunter2") == "unknown-verb"
    _ = console.ask("login", password=RIGHT)
    text = console.host.files.read(TRAIL) or ""
    assert "hunter2" not in text
    assert RIGHT not in text
    assert [(row["who"], row["ended"]) for row in console.trail] == [
        ("bandstand-console (pid 41)", "password-wrong"),
        ("bandstand-console (pid 41)", "usage"),
        ("bandstand-console (pid 41)", "unknown-verb"),
        ("bandstand-console (pid 41, logged in)", "done"),
    ]


@pytest.mark.parametrize("key", ["cluster.init", "cluster.join", "cluster.key"])
def test_properties_claim_while_their_act_waits(console: Console, key: str) -> None:
    _ = acts.put_act(console.host.files, key, Secret("something"))
    assert console.access()["by"] == "properties"
    acts.consume(console.host.files, key)
    assert console.access()["claim"] == "unclaimed"


def test_settings_alone_claim_nothing(console: Console) -> None:
    own = Settings(node=Node(name="n1", admin_password=Secret("$y$j9T$abc")))
    _ = store.save(console.host.files, Accepted(own=own))
    assert console.access()["claim"] == "unclaimed"


def test_a_membership_that_cannot_be_read_opens_nothing(console: Console) -> None:
    console.is_member()
    files = console.host.files
    for name in (store.SHARED, f"{store.SHARED}.last"):
        _ = files.write(name, "{torn")
    assert console.access()["by"] == "unreadable"
    assert console.refusal("support") == "login"


def test_a_console_that_is_off_tells_no_more_than_the_status(console: Console) -> None:
    console.is_member(Node(console=False))
    console.has_password()
    assert console.access()["may"] == ["access", "status"]
    assert console.refusal("login", password=RIGHT) == "forbidden"


def test_the_code_is_shown_until_the_claim(console: Console) -> None:
    first = console.ask("code")
    assert console.ask("code") == first
    assert console.trail == []
    second = console.ask("code", new=True)
    assert second["code"] != first["code"]
    assert [(row["verb"], row["about"]) for row in console.trail] == [("code", {"new": "yes"})]
    assert second["code"] not in (console.host.files.read(TRAIL) or "")
    console.is_member()
    assert console.refusal("code") == "claimed"
    assert one_time.load(console.host.files) is None


def test_to_look_at_a_claimed_node_makes_the_code_void(console: Console) -> None:
    _ = console.ask("code")
    console.is_member()
    _ = console.access()
    assert one_time.load(console.host.files) is None


def test_what_is_neither_true_nor_false_makes_no_code(console: Console) -> None:
    with pytest.raises(InputRefused, match="neither true nor false"):
        console.ask("code", new="yes")


def test_a_shell_is_started_by_who_logged_in_while_root_has_it_open(console: Console) -> None:
    """For the time that is left, whatever is asked for."""
    assert console.refusal("shell", open=True) == "forbidden"
    console.is_member()
    console.has_password()
    assert console.refusal("shell", open=True) == "login"
    _ = console.ask("login", password=RIGHT)
    assert console.refusal("shell", open=True, minutes=240) == "closed"
    assert console.access()["shell"] == {"open": False, "left_s": 0}
    assert run_of(console.host).calls == []
    _ = window.open_for(console.host.files, console.clock, 15)
    assert console.ask("shell", open=True, minutes=240) == {"open": True, "left_s": 900}
    console.clock.pass_s(840)
    _ = console.ask("login", password=RIGHT)
    assert console.ask("shell", open=True) == {"open": True, "left_s": 60}
    assert console.access()["shell"] == {"open": True, "left_s": 60}
    assert console.ask("shell", open=False) == {"open": False, "left_s": 0}
    assert console.trail[-2]["about"] == {"open": "yes"}
    assert console.refusal("shell", open=True) == "closed"
    ran = [call.argv for call in run_of(console.host).calls]
    started = [argv for argv in ran if argv[0] == "systemd-run"]
    assert [("User=admin", f"RuntimeMaxSec={left}") for left in (900, 60)] == [
        tuple(part.removeprefix("--property=") for part in argv[4:6]) for argv in started
    ]
    assert ran[-1] == ("systemctl", "stop", "bandstand-shell.service")
    with pytest.raises(InputRefused, match="open: is missing"):
        console.ask("shell")


def test_a_shell_opened_elsewhere_waits_for_who_logs_in_at_the_console(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agent.ask.serve.Peer.user", "root")
    assert console.ask("shell", open=True)["open"] is True
    assert run_of(console.host).calls == []


def run_of(host: Host) -> FakeRun:
    assert isinstance(host.run, FakeRun)
    return host.run


def test_recovery_is_written_down_and_told_until_seen(console: Console) -> None:
    console.is_member()
    console.has_password()
    console.boots("quiet bandstand.recovery")
    assert console.access()["recovery"]
    with pytest.raises(BandstandError) as caught:
        console.ask("network-undo")
    assert caught.value.code == "not-now"
    assert console.trail[-1]["who"] == "bandstand-console (pid 41, recovery)"
    used = {"at": "2026-01-02T03:04:05Z", "verbs": ["network-undo"]}
    assert console.access()["recovered"] == used
    status = json.loads(console.host.files.read("/run/bandstand/status.json") or "{}")
    assert status["recovery"] == used

    console.boots("quiet")
    assert console.access()["recovered"] == used
    assert console.refusal("recovery-seen") == "login"
    _ = console.ask("login", password=RIGHT)
    assert console.ask("recovery-seen") == {"seen": True}
    assert console.access()["recovered"] == {}
    assert not console.host.files.exists(recovery.FILE)


def test_who_logged_in_needs_no_recovery(console: Console) -> None:
    console.is_member()
    console.has_password()
    console.boots("bandstand.recovery")
    _ = console.ask("login", password=RIGHT)
    assert console.refusal("network-undo") == "not-now"
    assert console.access()["recovered"] == {}


@pytest.fixture
def path(console: Console, tmp_path: Path) -> Iterator[str]:
    name = tmp_path / "a.sock"
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(str(name))
        door.listen()
        thread = threading.Thread(target=_accept, args=(door, console.host))
        thread.start()
        yield str(name)
        door.shutdown(socket.SHUT_RDWR)
        thread.join()


def _accept(door: socket.socket, host: Host) -> None:
    while True:
        try:
            line, _ = door.accept()
        except OSError:
            return
        with line:
            serve(line, host)


@pytest.mark.outside
def test_over_the_socket_a_login_is_the_connections(console: Console, path: str) -> None:
    console.is_member()
    console.has_password()
    with Line(path, timeout_s=5) as line:
        _ = line.ask("login", {"password": RIGHT})
        assert line.ask("access")["logged_in"]
        line.close()
        assert not line.ask("access")["logged_in"]
