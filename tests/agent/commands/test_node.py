"""`bandstand node restart`: one of the node's own services, by bandstand-apply."""

from __future__ import annotations

import socket
import threading
from argparse import Namespace
from pathlib import Path

import pytest

from agent.__main__ import main
from agent.apply.serve import serve
from agent.ask import sockets
from agent.commands import node
from agent.commands.answer import Answer
from agent.errors import NotReachable
from agent.system.files import Files
from agent.system.host import Host
from tests.fakes.run import FakeRun

pytestmark = pytest.mark.outside


def _restart(host: Host, unit: str) -> Answer:
    """Asked of bandstand-apply as systemd starts it: one connection, one request."""
    path = host.files.path(sockets.APPLY)
    path.parent.mkdir(parents=True)

    def serve_one(door: socket.socket) -> None:
        line, _ = door.accept()
        with line:
            serve(line, host)

    with socket.socket(socket.AF_UNIX) as door:
        door.bind(str(path))
        door.listen()
        thread = threading.Thread(target=serve_one, args=(door,))
        thread.start()
        try:
            return node.run_restart(Namespace(host=host, unit=unit))
        finally:
            thread.join()


@pytest.mark.parametrize(
    ("said", "unit"), [("agent", "bandstand-agent.service"), ("nginx", "nginx.service")]
)
def test_a_service_is_restarted_by_apply(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str, unit: str
) -> None:
    monkeypatch.setattr("agent.ask.serve.Peer.user", "root")
    run = FakeRun()
    answer = _restart(Host(files=Files(tmp_path), run=run), said)
    assert answer.words == f"{unit} runs anew."
    assert answer.data == {"unit": unit, "restarted": True}
    assert [call.argv for call in run.calls] == [("systemctl", "restart", unit)]


def test_without_apply_it_says_where_to_look(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    with pytest.raises(NotReachable) as caught:
        _ = node.run_restart(Namespace(host=Host(files=Files(tmp_path)), unit="agent"))
    assert "bandstand-apply" in caught.value.hint


@pytest.mark.parametrize("unit", ["ssh", "bandstand-agent.service", ""])
def test_any_other_is_a_wrong_call_that_names_those_there_are(
    unit: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["node", "restart", unit]) == 2
    said = capsys.readouterr().err
    assert all(name in said for name in ("agent", "chrony", "console", "nginx", "portal"))
