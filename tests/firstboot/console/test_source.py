"""The status file as the screen follows it: read again when it changed, its age never hidden."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from agent.status.merge import STATUS
from agent.system.clock import Clock
from agent.system.files import Files
from agent.system.host import Host
from firstboot.console.source import RELEASE, Source

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


def state(source: Source) -> str:
    return source.page().sections[0].rows[0].text


def test_a_change_is_shown_and_is_news(host: Host, clock: StillClock) -> None:
    tell(host, state="working", phase="tls")
    source = Source(host)
    assert (state(source), source.page().news) == ("working: tls", "news 0 s old")

    clock.go_on(20)
    assert source.page().news == "news 20 s old"

    tell(host, state="ready")
    assert (state(source), source.page().news) == ("ready", "news 0 s old")


def test_renewed_words_are_news_though_they_are_the_same(host: Host, clock: StillClock) -> None:
    tell(host, state="ready")
    source = Source(host)
    source.page()
    clock.go_on(40)
    tell(host, state="ready")

    assert source.page().news == "news 0 s old"


def test_a_screen_that_starts_late_does_not_call_old_news_new(
    host: Host, clock: StillClock
) -> None:
    tell(host, state="ready")
    clock.go_on(300)

    shown = Source(host).page()

    assert shown.is_stale
    assert shown.news.startswith("NO NEWS for 5 min")


def test_a_clock_that_is_set_does_not_make_news_old_or_new(host: Host, clock: StillClock) -> None:
    tell(host, state="ready")
    source = Source(host)
    source.page()

    clock.wall_s += 1_000_000
    assert source.page().news == "news 0 s old"
    clock.wall_s -= 3_000_000
    clock.seconds += 50
    assert source.page().is_stale


def test_a_file_from_the_future_is_not_older_than_nothing(host: Host, clock: StillClock) -> None:
    tell(host, state="ready")
    clock.wall_s -= 5000

    assert Source(host).page().news == "news 0 s old"


@pytest.mark.parametrize("torn", ["", "{", "[]", "\0\0\0"])
def test_a_torn_file_leaves_the_last_word_which_grows_old(
    host: Host, clock: StillClock, torn: str
) -> None:
    tell(host, state="ready")
    source = Source(host)
    source.page()

    host.files.write(STATUS, torn)
    clock.go_on(50)

    assert source.page().is_stale
    assert state(source) == "unknown, last said 50 s ago: ready"


def test_a_file_that_goes_leaves_the_last_word_which_grows_old(
    host: Host, clock: StillClock
) -> None:
    tell(host, state="ready")
    source = Source(host)
    source.page()

    host.files.remove(STATUS)
    clock.go_on(50)

    assert source.page().is_stale


def test_no_file_yet_is_waited_for_and_said_since_when(host: Host, clock: StillClock) -> None:
    source = Source(host)
    clock.go_on(9)

    assert source.page().news == "waiting for the first word of this node for 9 s"

    tell(host, state="working", phase="reading")
    assert source.page().news == "news 0 s old"


@pytest.mark.parametrize(
    ("release", "product"),
    [
        (None, "Bandstand"),
        ("NAME=\n", "Bandstand"),
        ('VERSION=1\nNAME="Notice Board"\n', "Notice Board 0.1.0"),
    ],
)
def test_the_product_is_that_of_the_release(host: Host, release: str | None, product: str) -> None:
    if release:
        host.files.write(RELEASE, release)
    tell(host, version="0.1.0", state="ready")

    assert Source(host).page().product.startswith(product)
