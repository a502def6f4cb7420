"""How often one address may ask."""

from __future__ import annotations

from dataclasses import dataclass

from agent.peer.limits import Limit
from agent.system.clock import Clock


@dataclass(frozen=True)
class Stopped(Clock):
    at_s: float = 0

    def monotonic_s(self) -> float:
        return self.at_s


def _later(limit: Limit, at_s: float) -> None:
    limit.clock = Stopped(at_s)


def test_a_burst_then_one_a_second() -> None:
    limit = Limit(Stopped(), per_s=1, burst=2)
    assert [limit.allows("a") for _ in range(4)] == [True, True, False, False]
    _later(limit, 1.0)
    assert [limit.allows("a") for _ in range(2)] == [True, False]
    _later(limit, 100.0)
    assert [limit.allows("a") for _ in range(3)] == [True, True, False]


def test_one_address_does_not_cost_another() -> None:
    limit = Limit(Stopped(), per_s=1, burst=1)
    assert limit.allows("a")
    assert not limit.allows("a")
    assert limit.allows("b")


def test_strangers_without_end_do_not_fill_the_memory() -> None:
    limit = Limit(Stopped(), per_s=1, burst=1)
    for number in range(10_000):
        _ = limit.allows(str(number))
    assert len(vars(limit)["_buckets"]) < 5000
