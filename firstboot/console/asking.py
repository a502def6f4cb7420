"""Asks in a thread of their own, one after another, so that a slow answer never holds the screen.

the screen: put -> (queue) -> the thread: Asker.ask -> (queue), wake -> the screen: heard
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from queue import SimpleQueue
from threading import Thread

from agent.errors import BandstandError, NotReachable
from agent.typed import Any, NamedTuple, Protocol
from firstboot.console.screen import Answer, Ask

OnStep = Callable[[dict[str, Any]], None]


class Asker(Protocol):
    """Whom the verbs are asked: agent.ask.line.Line, or a fake."""

    def ask(self, verb: str, args: Mapping[str, Any], *, on_step: OnStep) -> dict[str, Any]: ...


class Stepped(NamedTuple):
    """A step that was told on the way to an answer."""

    ask: Ask
    step: Mapping[str, Any]


Heard = Answer | Stepped


class Asking:
    """`wake` is called from the thread whenever something was heard."""

    def __init__(self, asker: Asker, wake: Callable[[], None]) -> None:
        self._asker = asker
        self._wake = wake
        self._asks: SimpleQueue[Ask] = SimpleQueue()
        self._heard: SimpleQueue[Heard] = SimpleQueue()
        self._is_started = False

    def put(self, ask: Ask) -> None:
        """Returns at once; the first one starts the thread."""
        self._asks.put(ask)
        if not self._is_started:
            self._is_started = True
            self._start()

    def heard(self) -> list[Heard]:
        """What came since, in its order."""
        found: list[Heard] = []
        while not self._heard.empty():
            found.append(self._heard.get_nowait())
        return found

    def _start(self) -> None:
        Thread(target=self._work, name="asking", daemon=True).start()

    def _work(self) -> None:
        while True:
            self._answer(self._asks.get())

    def _answer(self, ask: Ask) -> None:
        """Whatever happens, there is an answer, and somebody for the next ask."""
        steps: list[Mapping[str, Any]] = []

        def on_step(step: dict[str, Any]) -> None:
            steps.append(step)
            self._tell(Stepped(ask, step))

        broken = Answer(ask, {}, NotReachable("what was asked broke off in this program"))
        answer = broken
        try:
            answer = Answer(ask, self._asker.ask(ask.verb, ask.args, on_step=on_step))
        except BandstandError as error:
            answer = Answer(ask, {}, error)
        finally:
            if answer is broken:
                # This thread dies of it, and what it died of is written down.
                self._start()
            self._tell(answer._replace(steps=tuple(steps)))

    def _tell(self, heard: Heard) -> None:
        self._heard.put(heard)
        self._wake()
