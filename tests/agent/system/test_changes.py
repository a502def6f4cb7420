"""Waiting for a folder by inotify, on the real kernel."""

from __future__ import annotations

import signal
import threading
from pathlib import Path

import pytest

from agent.system.changes import Changes, signals
from agent.system.files import Files


def test_what_was_replaced_is_heard_once(tmp_path: Path) -> None:
    files = Files(tmp_path)
    _ = files.write("/run/a", "1")
    with Changes(tmp_path / "run") as changes:
        assert not changes.wait(0)
        _ = files.write("/run/a", "2")
        assert changes.wait(0)
        assert not changes.wait(0)


def test_reading_is_no_change(tmp_path: Path) -> None:
    files = Files(tmp_path)
    _ = files.write("/run/a", "1")
    with Changes(tmp_path / "run") as changes:
        assert files.read("/run/a") == "1"
        assert not changes.wait(0)


@pytest.mark.parametrize("folder", ["a", "a/b", "a/b/c"])
def test_a_folder_that_is_not_there_is_waited_for(tmp_path: Path, folder: str) -> None:
    with Changes(tmp_path / folder) as changes:
        assert not changes.wait(0)
        (tmp_path / folder).mkdir(parents=True)
        assert changes.wait(0)


def test_a_folder_that_goes_is_heard(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    with Changes(tmp_path / "a") as changes:
        (tmp_path / "a").rmdir()
        assert changes.wait(0)


def test_a_waiter_is_woken(tmp_path: Path) -> None:
    files = Files(tmp_path)
    with Changes(tmp_path) as changes:
        writer = threading.Timer(0.05, files.write, ("/a", "1"))
        writer.start()
        assert changes.wait(20)
        writer.join()


def test_each_gives_its_handle_back(tmp_path: Path) -> None:
    with Changes(tmp_path) as changes:
        handle = changes.fileno()
    with Changes(tmp_path) as again:
        assert again.fileno() == handle


def test_a_signal_that_came_before_the_wait_ends_it(tmp_path: Path) -> None:
    seen: list[int] = []
    former = signal.signal(signal.SIGUSR1, lambda number, _: seen.append(number))
    try:
        with signals() as signalled, Changes(tmp_path) as changes:
            signal.raise_signal(signal.SIGUSR1)
            assert not changes.wait(None, or_ready=(signalled,))
    finally:
        signal.signal(signal.SIGUSR1, former)
    assert seen == [signal.SIGUSR1]
