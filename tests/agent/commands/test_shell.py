"""`bandstand node shell on|off`: the window opened and closed, in words and as data."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agent.__main__ import main
from agent.access import shell
from agent.system.files import Files
from agent.system.host import Host
from tests.fakes.clock import FakeClock
from tests.fakes.run import FakeRun


@pytest.fixture(autouse=True)
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Host:
    made = Host(files=Files(tmp_path), run=FakeRun(), clock=FakeClock())
    monkeypatch.setattr("agent.commands.shell.Host", lambda: made)
    monkeypatch.setattr("agent.ask.serve.Peer.user", "root")
    monkeypatch.setattr("os.geteuid", lambda: 0)
    return made


def test_on_is_for_a_quarter_of_an_hour(host: Host, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["node", "shell", "on"]) == 0
    assert capsys.readouterr().out == "The console may open a shell, for 15 min.\n"
    assert shell.window(host.files, host.clock).left_s == 900


def test_or_for_as_long_as_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["node", "shell", "on", "--minutes", "240", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"open": True, "left_s": 14400}


def test_off_closes_it(host: Host, capsys: pytest.CaptureFixture[str]) -> None:
    _ = shell.open_for(host.files, host.clock, 5)
    assert main(["node", "shell", "off"]) == 0
    assert capsys.readouterr().out == "The console opens no shell.\n"
    assert not shell.window(host.files, host.clock).is_open


@pytest.mark.parametrize(
    ("words", "exit_code"),
    [
        (["on", "--minutes", "0"], 3),
        (["on", "--minutes", "241"], 3),
        (["on", "--minutes", "many"], 2),
        (["off", "--minutes", "5"], 2),
        (["ajar"], 2),
        ([], 2),
    ],
)
def test_anything_else_is_refused(host: Host, words: list[str], exit_code: int) -> None:
    assert main(["node", "shell", *words]) == exit_code
    assert not shell.window(host.files, host.clock).is_open
