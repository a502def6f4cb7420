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
        self._thread: Thread | None = None

    def put(self, ask: Ask) -> None:
        """Returns at once; the thread is started by the first, and anew should it have died."""
        self._asks.put(ask)
        if self._thread is None or not self._thread.is_alive():
            self._thread = Thread(target=self._work, name="asking", daemon=True)
            self._thread.start()

    def heard(self) -> list[Heard]:
        """What came since, in its order."""
        found: list[Heard] = []
        while not self._heard.empty():
            found.append(self._heard.get_nowait())
        return found

    def _work(self) -> None:
        while True:
            self._answer(self._asks.get())

    def _answer(self, ask: Ask) -> None:
        """Whatever happens, there is an answer: nobody waits for one that died on the way."""
        answer = Answer(ask, {}, NotReachable("what was asked broke off in this program"))
        steps: list[Mapping[str, Any]] = []

        def on_step(step: dict[str, Any]) -> None:
            steps.append(step)
            self._tell(Stepped(ask, step))

        try:
            answer = Answer(ask, self._asker.ask(ask.verb, ask.args, on_step=on_step))
        except BandstandError as error:
            answer = Answer(ask, {}, error)
        finally:
            self._tell(answer._replace(steps=tuple(steps)))

    def _tell(self, heard: Heard) -> None:
        self._heard.put(heard)
        self._wake()
