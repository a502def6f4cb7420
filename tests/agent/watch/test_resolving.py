"""A silent resolver is forgiven once it answers, and asked no longer than that."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from ipaddress import IPv4Address

import pytest

from agent.network import resolvers
from agent.status import fragment
from agent.system import resolver
from agent.system.host import Host
from agent.watch.resolving import Resolving
from agent.watch.rounds import Watcher
from tests.agent.watch.machine import FakeNetwork, StillClock, Web, put_pair, told

_NAMES = ("192.0.2.53", "192.0.2.54")

_FAULT = {
    "code": resolvers.CODE,
    "setting": resolvers.SETTING,
    "message": "192.0.2.53 does not answer as a resolver",
    "hint": "see that it is right",
}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[IPv4Address, ...]]:
    """Whom it was asked of; silent are all until the third question."""
    found: list[tuple[IPv4Address, ...]] = []

    def silent(them: Sequence[IPv4Address], *_: object) -> tuple[IPv4Address, ...]:
        found.append(tuple(them))
        return tuple(them) if len(found) < 3 else ()

    monkeypatch.setattr(resolver, "silent", silent)
    return found


def _tell_fault(host: Host, message: str = _FAULT["message"]) -> None:
    rows = [{**_FAULT, "message": message}]
    fragment.put(host.files, "firstboot", {"state": "degraded", "faults": rows})


async def _look(resolving: Resolving, *names: str) -> bool:
    """One look, to its end; whether it led to another round."""
    heard = asyncio.Event()
    resolving.look(names, then=heard.set)
    others = asyncio.all_tasks() - {asyncio.current_task()}
    await asyncio.gather(*others)
    return heard.is_set()


def test_it_is_over_once_they_answer_and_they_are_asked_no_more(
    host: Host, clock: StillClock, asked: list[tuple[IPv4Address, ...]]
) -> None:
    _tell_fault(host)
    resolving, seen = Resolving(host), list[tuple[bool, bool]]()
    for _ in range(5):
        heard = asyncio.run(_look(resolving, *_NAMES))
        seen.append((heard, bool(resolving.over(_NAMES))))
        clock.go_on(15)
    assert seen == [(False, False), (False, False), (True, True), (False, True), (False, True)]
    # Only the one that the fault names.
    assert asked == [(IPv4Address("192.0.2.53"),)] * 3
    assert resolving.over(_NAMES[::-1])


def test_a_burst_of_rounds_asks_once(
    host: Host, clock: StillClock, asked: list[tuple[IPv4Address, ...]]
) -> None:
    _tell_fault(host)
    resolving = Resolving(host)
    for _ in range(5):
        asyncio.run(_look(resolving, *_NAMES))
        clock.go_on(1)
    assert len(asked) == 1


def test_one_that_the_node_does_not_ask_any_more_is_over(
    host: Host, asked: list[tuple[IPv4Address, ...]]
) -> None:
    _tell_fault(host)
    resolving = Resolving(host)
    assert resolving.over(["192.0.2.54"])
    assert not resolving.over([])
    asyncio.run(_look(resolving))
    asyncio.run(_look(resolving, "192.0.2.54"))
    assert asked == []


def test_another_fault_is_asked_about_anew(
    host: Host, clock: StillClock, asked: list[tuple[IPv4Address, ...]]
) -> None:
    asked += [()] * 2
    _tell_fault(host)
    resolving = Resolving(host)
    assert asyncio.run(_look(resolving, *_NAMES))
    _tell_fault(host, "192.0.2.53, 192.0.2.54 do not answer as a resolver")
    assert not resolving.over(_NAMES)
    clock.go_on(15)
    assert asyncio.run(_look(resolving, *_NAMES))
    assert asked[-1] == (IPv4Address("192.0.2.53"), IPv4Address("192.0.2.54"))


@pytest.mark.parametrize("fault", [{}, {"code": "failed"}, {"setting": "node.reapply"}])
def test_a_node_that_was_told_nothing_of_it_asks_nobody(
    host: Host, asked: list[tuple[IPv4Address, ...]], fault: dict[str, str]
) -> None:
    rows = [{**_FAULT, **fault}] if fault else []
    fragment.put(host.files, "firstboot", {"state": "degraded", "faults": rows})
    resolving = Resolving(host)
    asyncio.run(_look(resolving, *_NAMES))
    assert asked == []
    assert resolving.over(_NAMES) == []


def test_the_watch_tells_that_it_is_over(
    host: Host, network: FakeNetwork, web: Web, asked: list[tuple[IPv4Address, ...]]
) -> None:
    async def rounds() -> list[tuple[str, list[str]]]:
        watcher, seen = Watcher(host, network, web), list[tuple[str, list[str]]]()
        for _ in range(2):
            await watcher.round()
            status = told(host)
            seen.append((status["state"], [row["code"] for row in status["faults"]]))
            await _look(watcher.resolving, *watcher.resolvers)
        return seen

    asked += [()] * 2
    _tell_fault(host)
    network.give("192.0.2.21/24")
    put_pair(host.files)
    assert asyncio.run(rounds()) == [("degraded", [resolvers.CODE]), ("ready", [])]
