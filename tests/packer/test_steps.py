"""Build steps: made once for the same inputs, whole or not at all, timed."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from packer.steps import Cache, Report, digest

pytestmark = pytest.mark.outside


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "cache", Report(tmp_path / "build/report.json"))


def _write(folder: Path) -> None:
    _ = (folder / "result").write_text("made")


def _never(folder: Path) -> None:
    raise AssertionError(f"made again in {folder}")


def test_the_same_inputs_are_made_once(cache: Cache) -> None:
    first = cache.made("base", digest("a"), _write, words="base")
    second = cache.made("base", digest("a"), _never, words="base")
    assert first == second
    assert (second / "result").read_text() == "made"


def test_other_inputs_are_made_beside(cache: Cache) -> None:
    first = cache.made("base", digest("a"), _write, words="base")
    assert cache.made("base", digest("b"), _write, words="base") != first
    assert first.is_dir()


def test_fresh_makes_again(cache: Cache) -> None:
    _ = cache.made("base", digest("a"), _write, words="base")
    again = cache.made(
        "base", digest("a"), lambda folder: (folder / "new").touch(), words="base", fresh=True
    )
    assert [path.name for path in again.iterdir()] == ["new"]


def test_a_step_that_fails_leaves_nothing_that_looks_finished(cache: Cache) -> None:
    def fail(folder: Path) -> None:
        _write(folder)
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        _ = cache.made("base", digest("a"), fail, words="base")
    assert [path for path in cache.folder.iterdir() if path.is_dir()] == []


def test_remains_of_an_interrupted_step_are_cleared_away(cache: Cache) -> None:
    key = digest("a")
    remains = cache.folder / f".base-{key[:16]}.part"
    remains.mkdir(parents=True)
    _ = (remains / "half").write_text("half")
    made = cache.made("base", key, _write, words="base")
    assert [path.name for path in made.iterdir()] == ["result"]


def test_only_the_newest_are_kept(cache: Cache) -> None:
    made: list[Path] = []
    for number in range(5):
        made.append(cache.made("base", digest(str(number)), _write, words="base"))
        os.utime(made[-1], (number, number))
    assert [path.is_dir() for path in made] == [False, False, True, True, True]


def test_what_others_keep_there_is_left_alone(cache: Cache) -> None:
    other = cache.folder / f"base-pytest-{'0' * 16}"
    other.mkdir(parents=True)
    os.utime(other, (0, 0))
    for number in range(5):
        _ = cache.made("base", digest(str(number)), _write, words="base")
    assert other.is_dir()


def test_the_report_keeps_the_time_that_making_took(cache: Cache, tmp_path: Path) -> None:
    report = cache.report
    report.step("base", seconds=12.34, cached=False, key="k")
    report.step("base", seconds=0, cached=True, key="k")
    report.size("disk", 7)
    said = json.loads((tmp_path / "build/report.json").read_text())
    assert said["steps"]["base"] == {"seconds": 12.3, "cached": True, "key": "k"}
    assert said["sizes"] == {"disk": 7}


def test_a_broken_report_is_begun_anew(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    _ = path.write_text("{")
    Report(path).size("disk", 1)
    assert json.loads(path.read_text()) == {"sizes": {"disk": 1}}


def test_the_hash_covers_names_modes_and_content(tmp_path: Path) -> None:
    folder = tmp_path / "inputs"
    folder.mkdir()
    file = folder / "a"
    _ = file.write_text("1")
    seen = {digest(folder)}
    _ = file.write_text("2")
    seen.add(digest(folder))
    file.chmod(0o755)
    seen.add(digest(folder))
    _ = file.rename(folder / "b")
    seen.add(digest(folder))
    assert len(seen) == 4


def test_the_hash_leaves_byte_code_out(tmp_path: Path) -> None:
    folder = tmp_path / "inputs"
    (folder / "__pycache__").mkdir(parents=True)
    before = digest(folder)
    (folder / "__pycache__/a.pyc").touch()
    assert digest(folder) == before


def test_where_one_text_ends_is_part_of_the_hash() -> None:
    assert digest("ab", "c") != digest("a", "bc")
