"""Files replaced whole, with mode and owner, below one root."""

from __future__ import annotations

import fnmatch
import os
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.system.files import Files


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)


def test_a_file_is_written_with_its_folders_and_mode(files: Files, tmp_path: Path) -> None:
    assert files.write("/etc/a/b", "text", mode=0o600)
    assert (tmp_path / "etc/a/b").read_text() == "text"
    assert (tmp_path / "etc/a/b").stat().st_mode & 0o777 == 0o600
    assert files.names("/etc/a") == ("/etc/a/b",)


def test_the_same_again_touches_nothing(files: Files) -> None:
    files.write("/a", "text")
    before = files.path("/a").stat().st_ino
    assert not files.write("/a", "text")
    assert files.path("/a").stat().st_ino == before


@pytest.mark.parametrize(("text", "mode"), [("other", 0o644), ("text", 0o600)])
def test_other_text_or_mode_is_a_change(files: Files, text: str, mode: int) -> None:
    files.write("/a", "text")
    assert files.write("/a", text, mode=mode)
    assert files.read("/a") == text


def test_an_owner_may_be_a_number(files: Files) -> None:
    files.write("/a", "text", owner=f"{os.getuid()}:{os.getgid()}")
    assert files.path("/a").stat().st_uid == os.getuid()


def test_a_half_written_file_of_a_power_cut_is_no_obstacle(files: Files, tmp_path: Path) -> None:
    (tmp_path / ".a.new").write_text("half")
    assert files.write("/a", "text")
    assert files.names("/", "*") == ("/a",)


def test_what_is_not_there_reads_as_none(files: Files) -> None:
    files.make_folder("/folder")
    assert files.read("/a") is None
    assert files.read("/folder") is None
    assert files.read("/folder/a/b") is None
    assert not files.remove("/a")


def test_a_link_is_swapped(files: Files) -> None:
    assert files.link("/a", to="one")
    assert files.link("/a", to="two")
    assert not files.link("/a", to="two")
    assert str(files.path("/a").readlink()) == "two"
    assert files.remove("/a")


def test_a_folder_goes_whole(files: Files) -> None:
    files.write("/folder/a", "text")
    assert files.remove("/folder")
    assert not files.exists("/folder")


def test_a_folder_that_somebody_made_a_link_is_not_followed(files: Files, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir(mode=0o755)
    (tmp_path / "home").mkdir()
    (tmp_path / "home/.ssh").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="home/.ssh"):
        files.make_folder("/home/.ssh", mode=0o700)
    assert (tmp_path / "elsewhere").stat().st_mode & 0o777 == 0o755


@given(
    name=st.text("ab.-", min_size=1, max_size=8),
    pattern=st.text("ab.-*", min_size=1, max_size=6),
)
def test_a_pattern_means_what_it_means_to_a_shell(name: str, pattern: str) -> None:
    with TemporaryDirectory() as folder:
        if name in (".", ".."):
            return
        Path(folder, name).touch()
        found = Files(folder).names("/", pattern)
        assert found == ((f"/{name}",) if fnmatch.fnmatchcase(name, pattern) else ())


def test_a_pattern_may_lead_into_folders(files: Files) -> None:
    for name in ("/etc/pair-b/key", "/etc/pair-a/key", "/etc/pair-a/other", "/etc/pair-c"):
        files.write(name, "text")
    assert files.names("/etc", "pair-*/key") == ("/etc/pair-a/key", "/etc/pair-b/key")


def test_mode_time_and_link_are_told_of_what_is_one(files: Files, tmp_path: Path) -> None:
    files.write("/etc/a", "text", mode=0o640)
    files.link("/etc/b", to="a")
    files.link("/etc/c", to="nowhere")
    assert (files.mode("/etc/b"), files.mode("/etc"), files.mode("/etc/c")) == (0o640, None, None)
    assert files.changed_ns("/etc/a") == (tmp_path / "etc/a").stat().st_mtime_ns
    assert files.changed_ns("/etc/c") is None
    assert [files.link_to(f"/etc/{name}") for name in "abcd"] == [None, "a", "nowhere", None]
    assert [files.exists(f"/etc/{name}") for name in "abcd"] == [True, True, False, False]
    assert files.link_to("/etc/a/b") is None


def test_a_folder_is_made_for_what_is_to_lie_in_it(files: Files, tmp_path: Path) -> None:
    assert files.made_room("/run/x/y") == str(tmp_path / "run/x/y")
    assert (tmp_path / "run/x").is_dir()
    assert not (tmp_path / "run/x/y").exists()


def test_a_folder_is_one_itself_and_a_link_to_one_is_not(tmp_path: Path) -> None:
    files = Files(tmp_path)
    _ = files.write("/a/b", "")
    _ = files.link("/c", to="a")
    names = ("/a", "/a/b", "/c", "/none", "/a/b/none")
    assert [files.is_folder(name) for name in names] == [True, False, False, False, False]
    assert files.remove("/c")
    assert files.exists("/a/b")


class Order:
    """What the disk is asked for, in order, each by the name of what it is about."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.told: list[str] = []
        self._replace = os.replace
        monkeypatch.setattr(os, "fsync", self._sync)
        monkeypatch.setattr(os, "replace", self._rename)

    def _sync(self, handle: int) -> None:
        name = Path(f"/proc/self/fd/{handle}").readlink()
        holds = "" if name.is_dir() else f" holding {name.read_text()!r}"
        self.told.append(f"sync {name.name}{holds}")

    def _rename(self, old: str, new: str) -> None:
        self.told.append(f"rename {Path(old).name} to {Path(new).name}")
        self._replace(old, new)


@pytest.fixture
def order(monkeypatch: pytest.MonkeyPatch) -> Order:
    return Order(monkeypatch)


def test_what_is_written_is_on_disk_before_its_name_and_the_name_before_anything_after(
    files: Files, order: Order
) -> None:
    assert files.write("/etc/board", "text")
    assert order.told == [
        "sync .board.new holding 'text'",
        "rename .board.new to board",
        "sync etc",
    ]


def test_a_link_and_a_removal_are_on_disk_before_anything_after(files: Files, order: Order) -> None:
    assert files.link("/etc/live", to="pair")
    assert order.told == ["rename .live.new to live", "sync etc"]
    assert files.remove("/etc/live")
    assert order.told[2:] == ["sync etc"]


def test_nobody_waits_for_a_disk_below_run(files: Files, order: Order) -> None:
    assert files.write("/run/bandstand/status.json", "{}")
    assert order.told == ["rename .status.json.new to status.json"]
