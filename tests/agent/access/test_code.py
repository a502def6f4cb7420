"""The one-time code: made once, kept through boots, another on request, void for good."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.access import code
from agent.system.files import Files
from tests.fakes.clock import FakeClock


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)


def test_it_is_eight_signs_in_two_groups_that_nobody_takes_for_another(files: Files) -> None:
    found = {code.renew(files, FakeClock()).text for _ in range(60)}
    assert len(found) == 60
    for text in found:
        first, second = text.split("-")
        assert (len(first), len(second)) == (4, 4)
        assert not set(text) & set("01IOabcdefghijklmnopqrstuvwxyz")


def test_every_sign_is_as_likely() -> None:
    assert len(set(code.ALPHABET)) == 32
    assert 256 % len(code.ALPHABET) == 0


def test_it_holds_until_another_is_asked_for(files: Files) -> None:
    clock = FakeClock()
    first = code.keep(files, clock)
    clock.pass_s(60)
    assert code.keep(files, clock) == first
    assert first.since == "2026-01-02T03:04:05Z"
    second = code.renew(files, clock)
    assert second.text != first.text
    assert second.since == "2026-01-02T03:05:05Z"
    assert code.load(files) == second


def test_root_alone_reads_it(files: Files) -> None:
    _ = code.keep(files, FakeClock())
    assert files.mode(code.FILE) == 0o600
    assert files.path(code.FILE).parent.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(
    "torn", ["", "{", "[]", '{"code": 7}', '{"text": "K7", "since": "", "wrong": 0}']
)
def test_one_that_cannot_be_read_is_made_again(files: Files, torn: str) -> None:
    _ = files.write(code.FILE, torn)
    assert code.load(files) is None
    assert len(code.keep(files, FakeClock()).text) == 9


def test_void_is_void(files: Files) -> None:
    _ = code.keep(files, FakeClock())
    assert code.void(files)
    assert code.load(files) is None
    assert not code.void(files)


@pytest.mark.parametrize("typed", ["K7QF-2M9T", "k7qf2m9t", " K7QF 2M9T ", "k7qf–2m9t"])
def test_how_it_is_typed_does_not_matter(typed: str) -> None:
    assert code.plain(typed) == "K7QF2M9T"
