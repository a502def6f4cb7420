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
from tests.agent.watch.machine import FakeNetwork, Web, put_pair, told

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


def _tell_fault(host: Host) -> None:
    fragment.put(host.files, "firstboot", {"state": "degraded", "faults": [_FAULT]})


def test_it_is_over_from_the_round_on_in_which_they_answer(
    host: Host, network: FakeNetwork, web: Web, asked: list[tuple[IPv4Address, ...]]
) -> None:
    _tell_fault(host)
    network.give("192.0.2.21/24")
    put_pair(host.files)
    watcher = Watcher(host, network, web)
    seen: list[tuple[str, list[str]]] = []
    for _ in range(5):
        asyncio.run(watcher.round())
        status = told(host)
        seen.append((status["state"], [row["code"] for row in status["faults"]]))
    assert seen == [("degraded", [resolvers.CODE])] * 2 + [("ready", [])] * 3
    assert asked == [(IPv4Address("192.0.2.53"), IPv4Address("192.0.2.54"))] * 3


def test_other_resolvers_are_asked_anew(host: Host, asked: list[tuple[IPv4Address, ...]]) -> None:
    async def look(*names: str) -> bool:
        return bool(await resolving.ask(host, names) or resolving.over(names))

    _tell_fault(host)
    asked += [()] * 2
    resolving = Resolving()
    assert asyncio.run(look("192.0.2.53"))
    assert not resolving.over(["192.0.2.54"])
    del asked[:]
    assert not asyncio.run(look("192.0.2.54"))
    assert not resolving.over(["192.0.2.53", "192.0.2.54"])


def test_a_node_that_was_told_nothing_asks_nobody(
    host: Host, asked: list[tuple[IPv4Address, ...]]
) -> None:
    assert asyncio.run(Resolving().ask(host, ["192.0.2.53"])) == []
    assert asked == []
