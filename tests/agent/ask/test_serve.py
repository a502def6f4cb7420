"""Both servers and the client, over real unix sockets."""

from __future__ import annotations

import asyncio
import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from agent.ask.serve import Peer, TellStep, answer, answer_stream
from agent.ask.wire import LIMIT_BYTES, Request, call
from agent.errors import BandstandError, NotNow, NotReachable
from tests.fakes.clock import FakeClock

pytestmark = pytest.mark.outside


def _act(request: Request, peer: Peer, tell: TellStep) -> dict[str, Any]:
    match request.verb:
        case "echo":
            return {"args": dict(request.args), "pid": peer.pid, "uid": peer.uid}
        case "steps":
            tell({"name": "one", "state": "running"})
            tell({"name": "one", "state": "done"})
            return {"done": True}
        case "busy":
            raise NotNow("another change is under way", hint="later")
        case _:
            raise RuntimeError("the password is hunter2")


@contextmanager
def _plain(path: Path) -> Iterator[None]:
    """As systemd serves bandstand-apply: a connection, a handler, the end."""
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(str(path))
        door.listen()
        thread = threading.Thread(target=_serve_plain, args=(door,))
        thread.start()
        yield
        door.shutdown(socket.SHUT_RDWR)
        thread.join()


def _serve_plain(door: socket.socket) -> None:
    while True:
        try:
            line, _ = door.accept()
        except OSError:
            return
        with line:
            try:
                answer(line, _act, timeout_s=0.3)
            except RuntimeError:
                continue


@contextmanager
def _streams(path: Path) -> Iterator[None]:
    """As the agent serves, in its event loop."""
    loop = asyncio.new_event_loop()
    ready = threading.Event()
    stop = asyncio.Event()

    async def act(request: Request, peer: Peer, tell: TellStep) -> dict[str, Any]:
        await asyncio.sleep(0)
        return _act(request, peer, tell)

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await answer_stream(reader, writer, act, timeout_s=0.3)

    async def serve() -> None:
        server = await asyncio.start_unix_server(connected, path, limit=LIMIT_BYTES)
        ready.set()
        await stop.wait()
        server.close()
        await server.wait_closed()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    ready.wait(5)
    yield
    loop.call_soon_threadsafe(stop.set)
    thread.join()
    loop.close()


@pytest.fixture(params=[_plain, _streams], ids=["plain", "asyncio"])
def path(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    name = tmp_path / "test.sock"
    with request.param(name):
        yield str(name)


def test_the_result_comes_back_and_the_kernel_says_who_asked(path: str) -> None:
    assert call(path, "echo", {"a": ["b", 1]}) == {
        "args": {"a": ["b", 1]},
        "pid": os.getpid(),
        "uid": os.getuid(),
    }


def test_steps_come_before_the_result(path: str) -> None:
    seen: list[dict[str, Any]] = []

    assert call(path, "steps", {}, on_step=seen.append) == {"done": True}
    assert [step["state"] for step in seen] == ["running", "done"]


def test_an_error_is_raised_on_the_asking_side(path: str) -> None:
    with pytest.raises(NotNow, match="another change is under way") as caught:
        call(path, "busy", {})
    assert caught.value.hint == "later"


def test_an_error_of_the_program_tells_its_kind_but_not_its_words(path: str) -> None:
    with pytest.raises(BandstandError, match="RuntimeError") as caught:
        call(path, "break", {})
    assert caught.value.code == "internal"
    assert "hunter2" not in caught.value.message


def test_a_large_answer_and_request_pass(path: str) -> None:
    large = "x" * 200_000

    assert call(path, "echo", {"a": large})["args"] == {"a": large}


def _say(path: str, words: bytes) -> bytes:
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(5)
        line.connect(path)
        line.sendall(words)
        with line.makefile("rb") as stream:
            return stream.read()


@pytest.mark.parametrize(
    "words", [b"hello\n", b"{}\n", b'{"version":1}\n', b"\x00\xff\n", b"x" * (LIMIT_BYTES + 9)]
)
def test_nonsense_gets_an_answer(path: str, words: bytes) -> None:
    said = _say(path, words)

    assert said.startswith(b'{"error":')
    assert said.endswith(b"\n")


def test_who_says_nothing_is_not_waited_for(path: str) -> None:
    assert b"no request came" in _say(path, b"")


def test_a_peer_that_leaves_does_not_stop_the_server(path: str) -> None:
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(path)
        line.sendall(b'{"version":1,"verb":"steps"}\n')

    assert call(path, "steps", {}) == {"done": True}


def test_nobody_there_is_not_reachable(tmp_path: Path) -> None:
    with pytest.raises(NotReachable, match="nobody answers"):
        call(str(tmp_path / "none.sock"), "status", {})


class Starts(FakeClock):
    """The other side begins to listen while somebody waits for it the third time."""

    def __init__(self, begin: Callable[[], object]) -> None:
        super().__init__()
        self.begin, self.pauses = begin, 0

    def pause(self, seconds: float) -> None:
        super().pause(seconds)
        self.pauses += 1
        if self.pauses == 3:
            self.begin()


@pytest.mark.parametrize("is_stale", [False, True])
def test_a_side_that_just_starts_is_waited_for(tmp_path: Path, *, is_stale: bool) -> None:
    path = tmp_path / "a.sock"
    if is_stale:
        with socket.socket(socket.AF_UNIX) as former:
            former.bind(str(path))

    def begin() -> None:
        path.unlink(missing_ok=True)
        stack.enter_context(_plain(path))

    with ExitStack() as stack:
        clock = Starts(begin)
        said = call(str(path), "steps", {}, starts_within_s=10, clock=clock)
    assert said == {"done": True}
    assert clock.pauses == 3


def test_waiting_has_an_end_that_says_where_to_look(tmp_path: Path) -> None:
    clock = FakeClock()
    with pytest.raises(NotReachable, match="nobody answers") as caught:
        call(str(tmp_path / "agent.sock"), "status", {}, starts_within_s=10, clock=clock)
    assert 10 <= clock.passed_s < 11
    assert "systemctl status 'bandstand-agent*'" in caught.value.hint
    assert "journalctl -u 'bandstand-agent*'" in caught.value.hint


def test_where_no_node_runs_nobody_waits(tmp_path: Path) -> None:
    clock = FakeClock()
    with pytest.raises(NotReachable):
        call(str(tmp_path / "no/agent.sock"), "status", {}, starts_within_s=10, clock=clock)
    assert clock.passed_s == 0


def test_a_door_that_hangs_up_or_speaks_another_language_is_not_reachable(tmp_path: Path) -> None:
    path = tmp_path / "odd.sock"
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(str(path))
        door.listen()
        for reply, said in ((b"", "hung up"), (b"HTTP/1.1 400\r\n", "another language")):
            thread = threading.Thread(target=_reply, args=(door, reply))
            thread.start()
            with pytest.raises(NotReachable, match=said):
                call(str(path), "status", {})
            thread.join()


def _reply(door: socket.socket, reply: bytes) -> None:
    line, _ = door.accept()
    with line, line.makefile("rb") as stream:
        stream.readline()
        line.sendall(reply)


def test_silence_has_an_end(tmp_path: Path) -> None:
    path = tmp_path / "silent.sock"
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(str(path))
        door.listen()
        with pytest.raises(NotReachable, match="said nothing for 0.05 seconds"):
            call(str(path), "status", {}, timeout_s=0.05)
