"""The status file as the screen follows it: read again when it changed, its age never hidden."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from agent.status.merge import STATUS
from agent.status.words import state as state_of
from agent.system.clock import Clock
from agent.system.files import Files
from agent.system.host import Host
from firstboot.console.source import RELEASE, FileSource

BEGAN = datetime(2026, 11, 21, 10, tzinfo=UTC)


class StillClock(Clock):
    """Both clocks stand still; the wall clock can be set apart from the other."""

    def __init__(self) -> None:
        self.wall_s = BEGAN.timestamp()
        self.seconds = 500.0

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.wall_s, UTC)

    def monotonic_s(self) -> float:
        return self.seconds

    def go_on(self, seconds: float) -> None:
        self.wall_s += seconds
        self.seconds += seconds


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture
def host(tmp_path: Path, clock: StillClock) -> Host:
    return Host(files=Files(tmp_path), clock=clock)


def tell(host: Host, **status: Any) -> None:
    host.files.write(STATUS, json.dumps(status))
    moment_s = host.clock.now().timestamp()
    os.utime(host.files.path(STATUS), (moment_s, moment_s))


def state(source: FileSource) -> str:
    world = source.world()
    return state_of(world.status, world.now).text


def age_s(source: FileSource) -> float:
    return source.world().news.age_s


def test_a_change_is_shown_and_is_news(host: Host, clock: StillClock) -> None:
    tell(host, state="working", phase="tls")
    source = FileSource(host)
    assert (state(source), age_s(source)) == ("working: tls", 0)

    clock.go_on(20)
    assert age_s(source) == 20

    tell(host, state="ready")
    assert (state(source), age_s(source)) == ("ready", 0)


def test_renewed_words_are_news_though_they_are_the_same(host: Host, clock: StillClock) -> None:
    tell(host, state="ready")
    source = FileSource(host)
    source.world()
    clock.go_on(40)
    tell(host, state="ready")

    assert age_s(source) == 0


def test_a_screen_that_starts_late_does_not_call_old_news_new(
    host: Host, clock: StillClock
) -> None:
    tell(host, state="ready")
    clock.go_on(300)

    news = FileSource(host).world().news

    assert news.is_stale
    assert news.text.startswith("NO NEWS for 5 min")


def test_a_clock_that_is_set_does_not_make_news_old_or_new(host: Host, clock: StillClock) -> None:
    tell(host, state="ready")
    source = FileSource(host)
    source.world()

    clock.wall_s += 1_000_000
    assert age_s(source) == 0
    clock.wall_s -= 3_000_000
    clock.seconds += 50
    assert source.world().news.is_stale


def test_a_file_from_the_future_is_not_older_than_nothing(host: Host, clock: StillClock) -> None:
    tell(host, state="ready")
    clock.wall_s -= 5000

    assert age_s(FileSource(host)) == 0


@pytest.mark.parametrize("torn", ["", "{", "[]", "\0\0\0"])
def test_a_torn_file_leaves_the_last_word_which_grows_old(
    host: Host, clock: StillClock, torn: str
) -> None:
    tell(host, state="ready")
    source = FileSource(host)
    source.world()

    host.files.write(STATUS, torn)
    clock.go_on(50)

    assert source.world().news.is_stale
    assert state(source) == "ready"


def test_a_file_that_goes_leaves_the_last_word_which_grows_old(
    host: Host, clock: StillClock
) -> None:
    tell(host, state="ready")
    source = FileSource(host)
    source.world()

    host.files.remove(STATUS)
    clock.go_on(50)

    assert source.world().news.is_stale


def test_no_file_yet_is_waited_for_and_said_since_when(host: Host, clock: StillClock) -> None:
    source = FileSource(host)
    clock.go_on(9)

    assert source.world().news.text == "waiting for the first word of this node for 9 s"

    tell(host, state="working", phase="reading")
    assert age_s(source) == 0


@pytest.mark.parametrize(
    ("release", "product"),
    [
        (None, "Bandstand"),
        ("NAME=\n", "Bandstand"),
        ('VERSION=1\nNAME="Notice Board"\n', "Notice Board"),
    ],
)
def test_the_product_is_that_of_the_release(host: Host, release: str | None, product: str) -> None:
    if release:
        host.files.write(RELEASE, release)
    tell(host, version="0.1.0", state="ready")

    assert FileSource(host).world().product == product
