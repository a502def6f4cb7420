"""Files replaced whole, with mode and owner, below one root."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

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
