"""Asks in their thread: slow, gone, nonsense; none of it holds the screen or goes unanswered."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from agent.errors import NotReachable
from firstboot.console.asking import Asking, Heard, Stepped
from firstboot.console.screen import Answer, Ask

ONE, TWO = Ask("one"), Ask("two", {"key": "text"})


@dataclass
class Scripted:
    """Answers what it is told to, once it may."""

    acts: dict[str, Callable[[], dict[str, Any]]]
    asked: list[tuple[str, Mapping[str, Any]]] = field(
        default_factory=list[tuple[str, Mapping[str, Any]]]
    )

    def ask(
        self, verb: str, args: Mapping[str, Any], *, on_step: Callable[[dict[str, Any]], None]
    ) -> dict[str, Any]:
        self.asked.append((verb, args))
        on_step({"name": verb, "state": "running"})
        return self.acts[verb]()


class Heralds:
    """What was heard, gathered as the loop does when it is woken."""

    def __init__(self, acts: dict[str, Callable[[], dict[str, Any]]]) -> None:
        self._woken = threading.Semaphore(0)
        self.asker = Scripted(acts)
        self.asking = Asking(self.asker, self._woken.release)
        self.all: list[Heard] = []

    def until(self, count: int) -> list[Heard]:
        while len(self.all) < count:
            assert self._woken.acquire(timeout=10), self.all
            self.all += self.asking.heard()
        return self.all


def gone() -> dict[str, Any]:
    raise NotReachable("nobody answers")


def test_answers_come_in_order_with_their_steps() -> None:
    heralds = Heralds({"one": lambda: {"a": 1}, "two": gone})
    heralds.asking.put(ONE)
    heralds.asking.put(TWO)

    step, answer, _, failed = heralds.until(4)

    assert step == Stepped(ONE, {"name": "one", "state": "running"})
    assert isinstance(answer, Answer)
    assert (answer.result, answer.error, len(answer.steps)) == ({"a": 1}, None, 1)
    assert isinstance(failed, Answer)
    assert str(failed.error) == "nobody answers"
    assert heralds.asker.asked == [("one", {}), ("two", {"key": "text"})]


def test_to_put_returns_while_another_is_slow() -> None:
    ends = threading.Event()

    def slow() -> dict[str, Any]:
        assert ends.wait(10)
        return {}

    heralds = Heralds({"one": slow, "two": dict})
    heralds.asking.put(ONE)
    heralds.asking.put(TWO)
    assert len(heralds.until(1)) == 1

    ends.set()
    assert len(heralds.until(4)) == 4


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_what_breaks_is_answered_and_the_next_is_asked_all_the_same() -> None:
    def broken() -> dict[str, Any]:
        raise ValueError("nonsense")

    heralds = Heralds({"one": broken, "two": lambda: {"b": 2}})
    heralds.asking.put(ONE)
    answer = heralds.until(2)[1]
    assert isinstance(answer, Answer)
    assert isinstance(answer.error, NotReachable)

    heralds.asking.put(TWO)
    last = heralds.until(4)[3]

    assert isinstance(last, Answer)
    assert last.result == {"b": 2}
