"""Locks: one at a time, gone with their holder."""

from __future__ import annotations

import os
import threading
from contextlib import ExitStack
from pathlib import Path

import pytest

from agent.errors import NotNow
from agent.system.files import Files
from agent.system.lock import CHANGE_LOCK, locked


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)


def test_a_second_one_is_told_that_it_is_not_the_time(files: Files) -> None:
    with (
        locked(files),
        pytest.raises(NotNow, match="another change of this node is under way"),
        locked(files, timeout_s=0),
    ):
        pass


def test_it_is_free_again_afterwards_even_after_an_error(files: Files) -> None:
    with pytest.raises(RuntimeError), locked(files, timeout_s=0):
        raise RuntimeError
    with locked(files, timeout_s=0):
        pass


def test_one_waits_for_its_turn(files: Files) -> None:
    order: list[str] = []
    holds, ends = threading.Event(), threading.Event()

    def hold() -> None:
        with locked(files):
            holds.set()
            ends.wait(5)
            order.append("first")

    first = threading.Thread(target=hold)
    first.start()
    holds.wait(5)
    threading.Timer(0.02, ends.set).start()
    with locked(files, timeout_s=5):
        order.append("second")
    first.join()

    assert order == ["first", "second"]


def test_different_names_do_not_meet(files: Files) -> None:
    with locked(files, timeout_s=0), locked(files, "/run/bandstand/other.lock", timeout_s=0):
        pass


def test_a_link_laid_in_its_place_is_not_followed(files: Files) -> None:
    path = files.path(CHANGE_LOCK)
    path.parent.mkdir(parents=True)
    path.symlink_to("elsewhere")

    with pytest.raises(OSError, match="symbolic links"), locked(files):
        pass
    assert not os.path.lexists(path.parent / "elsewhere")


def test_only_its_owner_may_hold_the_change_lock(files: Files, tmp_path: Path) -> None:
    with locked(files):
        assert (tmp_path / CHANGE_LOCK.lstrip("/")).stat().st_mode & 0o777 == 0o600


def test_a_lock_let_go_of_is_free_meanwhile_and_held_again_afterwards(files: Files) -> None:
    with locked(files) as held:
        with held.released(), locked(files, timeout_s=0):
            pass
        with pytest.raises(NotNow), locked(files, timeout_s=0):
            pass


def test_it_is_taken_again_however_long_others_need_it(files: Files) -> None:
    with locked(files) as held, ExitStack() as other:
        with held.released():
            other.enter_context(locked(files, timeout_s=0))
            threading.Timer(0.2, other.close).start()
        with pytest.raises(NotNow), locked(files, timeout_s=0):
            pass
