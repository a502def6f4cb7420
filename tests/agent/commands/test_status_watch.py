"""`bandstand status --watch`: a real process, a real file that is replaced, a real interrupt."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from agent.commands import status
from agent.status.merge import STATUS
from agent.system.changes import Changes
from agent.system.files import Files
from tests.agent.commands.test_status import args, tell

ROOT = Path(__file__).parents[3]
PROGRAM = """
import sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from agent.__main__ import main
from agent.commands import status
from agent.system.files import Files
from agent.system.host import Host

status.Host = lambda: Host(files=Files(Path(sys.argv[2])))
sys.exit(main(sys.argv[3:]))
"""


@contextmanager
def watching(root: Path, *options: str) -> Iterator[subprocess.Popen[str]]:
    command = (sys.executable, "-I", "-c", PROGRAM, str(ROOT), str(root), "status", "--watch")
    with subprocess.Popen(
        (*command, *options), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline()


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)


@pytest.mark.outside
def test_each_change_is_one_object_a_line_and_an_interrupt_ends_it(files: Files) -> None:
    tell(files)
    with watching(files.root, "--json") as process:
        seen = [json.loads(line(process))["state"]]
        for state in ("degraded", "ready", "fault"):
            tell(files, state=state)
            seen.append(json.loads(line(process))["state"])
        process.send_signal(signal.SIGINT)
        rest, complaint = process.communicate(timeout=20)

    assert seen == ["ready", "degraded", "ready", "fault"]
    assert (rest, complaint, process.returncode) == ("", "", 130)


@pytest.mark.outside
def test_it_waits_for_a_node_that_tells_nothing_yet(files: Files) -> None:
    with watching(files.root) as process:
        assert "waited for" in line(process)
        tell(files, node={"name": "late"})
        assert line(process).split() == ["Node", "late"]


@pytest.mark.outside
def test_a_reader_that_leaves_ends_it(files: Files) -> None:
    tell(files)
    with watching(files.root, "--json") as process:
        _ = line(process)
        assert process.stdout is not None
        process.stdout.close()
        tell(files, state="degraded")
        assert process.wait(timeout=20) == 1


class Beat(Changes):
    """Each wait, something happens; after the last thing, the watcher is interrupted."""

    events: Iterator[Callable[[], object]] = iter(())
    limits: list[float | None] = []

    def wait(self, timeout_s: float | None = None, *, or_ready: Collection[int] = ()) -> bool:
        self.limits.append(timeout_s)
        event = next(self.events, None)
        if event is None:
            raise KeyboardInterrupt
        event()
        return super().wait(0)


def story(
    monkeypatch: pytest.MonkeyPatch, files: Files, *events: Callable[[], object], **more: Any
) -> list[Any]:
    monkeypatch.setattr(Beat, "events", iter(events))
    monkeypatch.setattr(Beat, "limits", [])
    monkeypatch.setattr(status, "Changes", Beat)
    seen: list[Any] = []
    answers = status.run(args(files, watch=True, **more))
    assert isinstance(answers, Iterator)
    with pytest.raises(KeyboardInterrupt):
        seen.extend(answers)
    return seen


def test_what_changed_nothing_says_nothing(files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    tell(files)

    def other() -> None:
        _ = files.write(f"{STATUS}.other", os.urandom(8))

    def torn() -> None:
        _ = files.write(STATUS, "{")

    seen = story(monkeypatch, files, other, torn, lambda: tell(files), other, json=True)
    assert len(seen) == 1


def test_nothing_runs_between_two_events(files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    tell(files)
    _ = story(monkeypatch, files, lambda: tell(files, state="degraded"), json=True)
    assert Beat.limits == [None, None]


def test_a_screen_shows_news_grow_old(files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    tell(files)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    seen = story(monkeypatch, files, lambda: None)
    assert len(seen) == 2
    assert all(answer.words.startswith("\x1b[H\x1b[2J") for answer in seen)
