"""`bandstand node code`, `shell`, `recovery-seen`: by bandstand-apply, or by root without it."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.__main__ import main
from agent.accepted import store
from agent.accepted.store import Accepted, Membership
from agent.access import code as one_time
from agent.access import recovery
from agent.apply.serve import serve
from agent.ask import sockets
from agent.audit.trail import TRAIL
from agent.commands import by_root
from agent.errors import NotReachable
from agent.system.files import Files
from agent.system.host import Host
from tests.fakes.clock import FakeClock
from tests.fakes.run import FakeRun


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Host:
    made = Host(files=Files(tmp_path), run=FakeRun(), clock=FakeClock())
    for name in ("code", "shell", "recovery_seen"):
        monkeypatch.setattr(f"agent.commands.{name}.Host", lambda: made)
    monkeypatch.setattr("agent.ask.serve.Peer.user", "root")
    return made


@pytest.fixture
def as_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 0)


@pytest.fixture
def apply(host: Host) -> Iterator[None]:
    """bandstand-apply for one request."""
    path = host.files.made_room(sockets.APPLY)
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(path)
        door.listen()

        def serve_one() -> None:
            line, _ = door.accept()
            with line:
                serve(line, host)

        thread = threading.Thread(target=serve_one)
        thread.start()
        yield
        thread.join()


@pytest.mark.outside
@pytest.mark.usefixtures("apply")
def test_apply_shows_the_code(host: Host, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["node", "code"]) == 0
    now = one_time.load(host.files)
    assert now is not None
    assert capsys.readouterr().out == f"{now.text}\nmade 2026-01-02T03:04:05Z\n"


@pytest.mark.usefixtures("as_root")
def test_root_goes_without_apply_and_it_is_written_down(
    host: Host, capsys: pytest.CaptureFixture[str]
) -> None:
    first = one_time.keep(host.files, FakeClock())
    assert main(["node", "code", "--new", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["code"] != first.text
    assert '"verb": "code"' in (host.files.read(TRAIL) or "")


@pytest.mark.usefixtures("as_root")
def test_a_claimed_node_has_none(host: Host, capsys: pytest.CaptureFixture[str]) -> None:
    _ = store.save(host.files, Accepted(membership=Membership.MEMBER))
    assert main(["node", "code"]) == 6
    assert "this node is claimed" in capsys.readouterr().err


@pytest.mark.usefixtures("as_root")
def test_the_note_on_recovery_is_put_away_once(
    host: Host, capsys: pytest.CaptureFixture[str]
) -> None:
    recovery.note(host.files, host.clock, "network-set")
    for said in ("The note is put away.", "There is no such note."):
        assert main(["node", "recovery-seen"]) == 0
        assert capsys.readouterr().out == f"{said}\n"
    assert recovery.used(host.files) is None


def test_somebody_else_is_told_that_apply_is_down(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    with pytest.raises(NotReachable):
        by_root.ask(host, "code", {})


@pytest.mark.outside
@pytest.mark.usefixtures("as_root")
def test_what_broke_off_is_not_done_again(host: Host) -> None:
    path = host.files.made_room(sockets.APPLY)
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(path)
        door.listen()

        def hang_up() -> None:
            line, _ = door.accept()
            with line, line.makefile("rb") as stream:
                stream.readline()

        thread = threading.Thread(target=hang_up)
        thread.start()
        with pytest.raises(NotReachable, match="hung up"):
            by_root.ask(host, "code", {"new": True})
        thread.join()
    assert one_time.load(host.files) is None
