"""What is written down of a program that broke."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from agent.system.files import Files
from firstboot.console import crash
from tests.fakes.clock import FakeClock


def broken(secret: str) -> None:
    raise ValueError(secret)


def told() -> tuple[str, str]:
    try:
        try:
            broken("s3cret")
        except ValueError as error:
            raise KeyError("another s3cret") from error
    except KeyError as error:
        return crash.report(error, screen="network", clock=FakeClock())
    pytest.fail("nothing was raised")


def test_it_names_types_places_and_the_screen_and_no_value() -> None:
    _, text = told()

    assert "screen: network" in text
    assert "time: 2026-01-02T03:04:05Z" in text
    assert "builtins.KeyError" in text
    assert "builtins.ValueError" in text
    assert "console/test_crash.py:" in text
    assert " broken\n" in text
    assert "s3cret" not in text


def test_its_id_is_short_and_its_own() -> None:
    name, text = told()

    assert len(name) == 8
    assert name.isalnum()
    assert told() == (name, text)


def test_it_is_kept_where_the_bundle_finds_it(tmp_path: Path) -> None:
    files = Files(tmp_path)

    assert crash.keep(files, "ABCD1234", "text\n")
    assert files.read(f"{crash.FOLDER}/ABCD1234.txt") == "text\n"


def test_the_newest_ones_are_kept(tmp_path: Path) -> None:
    """By when they were written: their names are digests."""
    files = Files(tmp_path)
    names = [f"{number * 7 % 25:08}" for number in range(25)]
    for second, name in enumerate(names):
        assert crash.keep(files, name, f"{name}\n")
        os.utime(files.path(f"{crash.FOLDER}/{name}.txt"), (second, second))
    assert crash.keep(files, "LAST", "text\n")

    kept = {Path(name).stem for name in files.names(crash.FOLDER)}
    assert kept == {*names[-crash.KEPT + 1 :], "LAST"}


def test_a_folder_that_cannot_be_written_keeps_nobody_from_starting_again(tmp_path: Path) -> None:
    files = Files(tmp_path)
    files.write(crash.FOLDER, "a file in its place")

    assert not crash.keep(files, "ABCD1234", "text\n")
