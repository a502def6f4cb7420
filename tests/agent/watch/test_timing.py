"""Whom the clock follows is told, and asked no more often than that is worth."""

from __future__ import annotations

import asyncio

import pytest

from agent.system.host import Host
from agent.watch.rounds import Watcher
from agent.watch.timing import Timing, of
from tests.agent.system.test_chrony import LINE
from tests.agent.watch.machine import FakeNetwork, StillClock, Web, put_pair, told
from tests.fakes.run import FakeRun

GOOD, NOT_YET = LINE.format("192.0.2.123", "Normal"), LINE.format("", "Not synchronised")
FOLLOWS = {"state": "synchronised", "source": "192.0.2.123"}


@pytest.fixture
def run(host: Host) -> FakeRun:
    run = host.run
    assert isinstance(run, FakeRun)
    return run


async def _look(timing: Timing) -> bool:
    """One look, to its end; whether it led to another round."""
    heard = asyncio.Event()
    timing.look(then=heard.set)
    await asyncio.gather(*(asyncio.all_tasks() - {asyncio.current_task()}))
    return heard.is_set()


def test_nothing_is_told_before_the_first_answer(host: Host) -> None:
    assert Timing(host).told() == {}


def test_each_other_answer_is_another_round(host: Host, clock: StillClock, run: FakeRun) -> None:
    timing, seen = Timing(host), list[tuple[bool, object]]()
    for line in ("", NOT_YET, NOT_YET, GOOD, GOOD):
        run.on("chronyc", stdout=line)
        seen.append((asyncio.run(_look(timing)), timing.told()["time"]["state"]))
        clock.go_on(60)
    assert seen == [
        (True, "silent"),
        (True, "not-synchronised"),
        (False, "not-synchronised"),
        (True, "synchronised"),
        (False, "synchronised"),
    ]
    assert timing.told() == {"time": FOLLOWS}


@pytest.mark.parametrize(("line", "asked"), [(GOOD, 2), (NOT_YET, 5)])
def test_rounds_each_second_start_a_program_now_and_then(
    host: Host, clock: StillClock, run: FakeRun, line: str, asked: int
) -> None:
    run.on("chronyc", stdout=line)
    timing = Timing(host)
    for _ in range(61):
        asyncio.run(_look(timing))
        clock.go_on(1)
    assert len(run.calls) == asked


def test_who_lost_them_all_follows_nobody() -> None:
    assert of(LINE.format("192.0.2.123", "Not synchronised"))["source"] == ""


def test_it_stands_in_the_status(host: Host, run: FakeRun, network: FakeNetwork, web: Web) -> None:
    run.on("chronyc", stdout=GOOD)
    put_pair(host.files)
    watcher = Watcher(host, network, web)
    asyncio.run(watcher.round())
    assert "time" not in told(host)

    asyncio.run(_look(watcher.timing))
    asyncio.run(watcher.round())

    assert told(host)["time"] == FOLLOWS
