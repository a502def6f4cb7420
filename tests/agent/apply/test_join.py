"""A join string is handed on to the agent, and what it says comes back."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from agent.apply import verbs
from agent.apply.join import join
from agent.ask import sockets
from agent.ask.serve import Peer, TellStep, answer_stream
from agent.ask.wire import Request
from agent.audit.trail import TRAIL
from agent.errors import InputRefused, RefusedByPeer
from agent.system.files import Files
from agent.system.host import Host

pytestmark = pytest.mark.outside


def _ask(host: Host, tell: TellStep, **args: Any) -> tuple[Any, list[Request]]:
    """With an agent that grants `good` and refuses any other one."""
    asked: list[Request] = []

    async def act(request: Request, _: Peer, tell: TellStep) -> dict[str, Any]:
        asked.append(request)
        tell({"name": "join.hello", "state": "running"})
        if request.args["join"] != "good":
            raise RefusedByPeer("the join string was used", code="token-used")
        return {"cluster": "c", "name": "board"}

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await answer_stream(reader, writer, act)

    async def ask() -> Any:
        path = host.files.made_room(sockets.AGENT)
        async with await asyncio.start_unix_server(connected, path):
            return await asyncio.to_thread(join, host, args, tell)

    return asyncio.run(ask()), asked


@pytest.fixture
def host(tmp_path: Path) -> Host:
    return Host(files=Files(tmp_path))


def test_it_goes_to_the_agent_with_its_steps(host: Host) -> None:
    steps: list[dict[str, Any]] = []
    said, asked = _ask(host, steps.append, join="good")
    assert said == {"cluster": "c", "name": "board"}
    assert asked == [Request("cluster.join", {"join": "good"})]
    assert steps == [{"name": "join.hello", "state": "running"}]


def test_a_refusal_comes_back_as_it_is(host: Host) -> None:
    with pytest.raises(RefusedByPeer) as caught:
        _ = _ask(host, lambda _: None, join="used")
    assert caught.value.code == "token-used"


@pytest.mark.parametrize("text", [None, "", "  ", 7])
def test_blank_is_refused_by_its_setting(host: Host, text: object) -> None:
    with pytest.raises(InputRefused) as caught:
        _ = join(host, {"join": text}, lambda _: None)
    assert [fault.setting for fault in caught.value.faults] == ["cluster.join"]


def test_the_trail_does_not_have_it(tmp_path: Path) -> None:
    host = Host(files=Files(tmp_path / "alone"))
    with pytest.raises(InputRefused):
        _ = verbs.handle(host, Request("join", {"join": " "}), Peer(1, 0, 0), lambda _: None)
    assert '"about": {"join": "********"}' in (host.files.read(TRAIL) or "")
