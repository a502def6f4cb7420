"""A line that is asked again and again, over a real unix socket."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from agent.ask.line import Line
from agent.ask.serve import Peer, TellStep, answer
from agent.ask.wire import Request
from agent.errors import BandstandError, NotNow, NotReachable, RefusedByPeer, Unanswered

pytestmark = pytest.mark.outside


class Served:
    """A socket that is served as bandstand-apply's is, a thread a connection; counts them."""

    def __init__(self, path: Path, *, idle_s: float = 5) -> None:
        self.path = str(path)
        self.lines: list[socket.socket] = []
        self._idle_s = idle_s
        self._door = socket.socket(socket.AF_UNIX)
        self._threads: list[threading.Thread] = []
        self.held = threading.Event()

    def __enter__(self) -> Served:
        self._door.bind(self.path)
        self._door.listen()
        self._start(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        self.held.set()
        self._door.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()
        self._door.close()

    def _start(self, run: Callable[[], None]) -> None:
        thread = threading.Thread(target=run)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                line, _ = self._door.accept()
            except OSError:
                return
            self.lines.append(line)
            self._start(lambda line=line: self._serve(line))  # type: ignore[misc]

    def _serve(self, line: socket.socket) -> None:
        count = 0

        def act(request: Request, _: Peer, tell: TellStep) -> dict[str, Any]:
            nonlocal count
            count += 1
            match request.verb:
                case "count":
                    tell({"name": "counting"})
                    return {"count": count, **request.args}
                case "late":
                    self.held.wait(5)
                    return {"late": True}
                case "busy":
                    raise NotNow("another change is under way", code="busy")
                case "seed":
                    raise NotReachable("the seed does not answer")
                case "third":
                    raise Unanswered("agent.sock hung up")
                case _:
                    raise RefusedByPeer("no", code="forbidden")

        with line:
            answer(line, act, idle_s=self._idle_s)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    with Served(tmp_path / "a.sock") as made:
        yield made


def test_all_requests_go_over_one_connection(served: Served) -> None:
    seen: list[dict[str, Any]] = []
    with Line(served.path) as line:
        assert line.ask("count") == {"count": 1}
        assert line.ask("count", {"a": "b"}, on_step=seen.append) == {"count": 2, "a": "b"}
    assert seen == [{"name": "counting"}]
    assert len(served.lines) == 1


@pytest.mark.parametrize(
    ("verb", "family"), [("busy", NotNow), ("seed", NotReachable), ("x", RefusedByPeer)]
)
def test_an_error_is_an_answer_and_the_connection_stays(
    served: Served, verb: str, family: type[BandstandError]
) -> None:
    with Line(served.path) as line:
        with pytest.raises(family):
            line.ask(verb)
        assert line.ask("count") == {"count": 2}
    assert len(served.lines) == 1


@pytest.mark.parametrize("verb", ["seed", "third"])
def test_what_the_other_side_did_not_reach_is_another_matter(served: Served, verb: str) -> None:
    with Line(served.path) as line, pytest.raises(NotReachable) as caught:
        line.ask(verb)
    assert not isinstance(caught.value, Unanswered)


def test_who_hung_up_between_two_requests_is_connected_to_anew(served: Served) -> None:
    with Line(served.path) as line:
        assert line.ask("count") == {"count": 1}
        served.lines[0].shutdown(socket.SHUT_RDWR)
        assert line.ask("count") == {"count": 1}
    assert len(served.lines) == 2


def test_an_answer_that_comes_late_is_not_that_of_the_next(served: Served) -> None:
    with Line(served.path, timeout_s=0.05) as line:
        with pytest.raises(Unanswered, match=r"said nothing for 0\.05 seconds"):
            line.ask("late")
        served.held.set()
        assert line.ask("count") == {"count": 1}


def test_a_step_that_nobody_can_show_costs_the_connection_alone(served: Served) -> None:
    def breaks(_: dict[str, Any]) -> None:
        raise RuntimeError("no screen")

    with Line(served.path) as line:
        with pytest.raises(RuntimeError):
            line.ask("count", on_step=breaks)
        assert line.ask("count") == {"count": 1}


def test_who_is_silent_is_left_without_a_word(tmp_path: Path) -> None:
    with Served(tmp_path / "b.sock", idle_s=0.05) as served, Line(served.path) as line:
        assert line.ask("count") == {"count": 1}
        with socket.socket(socket.AF_UNIX) as other:
            other.settimeout(5)
            other.connect(served.path)
            other.sendall(b'{"version":1,"verb":"busy"}\n')
            said = other.makefile("rb").read()
        assert said.count(b"\n") == 1
        assert line.ask("count") == {"count": 1}


def test_nobody_there_is_told_and_may_be_asked_again(tmp_path: Path) -> None:
    path = tmp_path / "c.sock"
    with ExitStack() as stack, Line(str(path)) as line:
        with pytest.raises(Unanswered, match="nobody answers") as caught:
            line.ask("count")
        assert caught.value.code == "unanswered"
        assert "systemctl status" in caught.value.hint
        stack.enter_context(_from_now(path))
        assert line.ask("count") == {"count": 1}
        line.close()


@contextmanager
def _from_now(path: Path) -> Iterator[None]:
    with Served(path, idle_s=0.2):
        yield


def test_to_connect_is_to_ask_nothing(served: Served) -> None:
    with Line(served.path) as line:
        line.connect()
        line.connect()
        assert line.ask("count") == {"count": 1}
    assert len(served.lines) == 1
