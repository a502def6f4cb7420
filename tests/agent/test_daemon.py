"""bandstand-agent as a whole: its socket, its verbs, how it starts and ends."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agent import daemon
from agent.accepted import store
from agent.accepted.store import Accepted, Membership
from agent.ask import sockets
from agent.ask.serve import Peer
from agent.ask.wire import Request, call
from agent.cluster.member import Member
from agent.cluster.resident import Resident
from agent.cluster.site import Place, Site
from agent.cluster.verbs import handle
from agent.commands import cluster as commands
from agent.errors import InputRefused, NotNow, NotReachable, RefusedByPeer, UsageError
from agent.settings.declaration import Settings
from agent.settings.node import Node
from agent.status import merge
from agent.system.clock import Clock
from agent.system.files import Files
from agent.system.host import Host
from agent.system.run import run
from tests.fakes.apply import granting
from tests.fakes.cluster_node import FakeChange

pytestmark = pytest.mark.outside


class NoDoor:
    """No port at all."""

    def open(self, site: Site, node_id: str, member: Callable[[], Member | None]) -> None:
        return None

    def close(self) -> None:
        return None


def _resident(files: Files) -> Resident:
    return Resident(
        Site(files, FakeChange(), lambda: Place("one", (), "127.0.0.1:1"), "boot"), NoDoor()
    )


def _untold(_: dict[str, Any]) -> None:
    return None


_ROOT = Peer(1, 0, 0)
_STRANGER = Peer(1, 65534, 65534)


def test_only_the_nodes_own_users_may_ask(tmp_path: Path) -> None:
    resident = _resident(Files(tmp_path))
    with pytest.raises(RefusedByPeer) as caught:
        _ = handle(resident, Request("cluster.status"), _STRANGER, _untold)
    assert caught.value.code == "forbidden"
    assert handle(resident, Request("cluster.status"), _ROOT, _untold)["state"] == "none"


@pytest.mark.parametrize(
    ("verb", "args", "error"),
    [
        ("cluster.burn", {}, UsageError),
        ("cluster.status", {"more": 1}, UsageError),
        ("cluster.token.create", {}, NotNow),
        ("cluster.token.create", {"minutes": "long"}, UsageError),
        ("cluster.join", {"join": "nonsense"}, InputRefused),
        ("cluster.join", {"seeds": ["two words"], "key": "nonsense"}, InputRefused),
        ("cluster.join", {"seeds": []}, InputRefused),
        ("cluster.key.create", {}, NotNow),
        ("cluster.init", {}, InputRefused),
    ],
)
def test_a_verb_judges_what_it_is_given(
    tmp_path: Path, verb: str, args: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        _ = handle(_resident(Files(tmp_path)), Request(verb, args), _ROOT, _untold)


def _while_listening(files: Files, work: Callable[[], Any]) -> Any:
    async def both() -> Any:
        async with daemon.listening(files, _resident(files)):
            return await asyncio.to_thread(work)

    return asyncio.run(both())


def test_the_socket_answers_and_goes_with_the_agent(tmp_path: Path) -> None:
    files = Files(tmp_path)
    path = str(files.path(sockets.AGENT))
    said = _while_listening(files, lambda: call(path, "cluster.status", {}))
    assert said["state"] == "none"
    with pytest.raises(NotReachable):
        _ = call(path, "cluster.status", {})


def test_the_command_line_says_what_the_agent_said(tmp_path: Path) -> None:
    files = Files(tmp_path)
    args = Namespace(host=Host(files, run, Clock()))
    answer = _while_listening(files, lambda: commands.run_status(args))
    assert answer.data["state"] == "none"
    assert answer.words.split() == ["Cluster", "none", "State", "none"]


def test_a_join_string_from_a_file_is_judged_by_the_agent(tmp_path: Path) -> None:
    files = Files(tmp_path)
    given = tmp_path / "string"
    _ = given.write_text("11111-22222\n")
    args = Namespace(host=Host(files, run, Clock()), file=str(given), seed=None)

    def ask() -> InputRefused:
        with pytest.raises(InputRefused) as caught:
            _ = commands.run_join(args)
        return caught.value

    refused = _while_listening(files, ask)
    assert refused.faults[0].setting == "cluster.join"
    assert "11111" not in refused.message


def test_it_starts_says_so_and_ends_when_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[str] = []
    line = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    line.bind(str(tmp_path / "notify"))
    line.settimeout(10)
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
    monkeypatch.setenv("WATCHDOG_USEC", "100000")

    async def watch(host: Host, stop: asyncio.Event) -> None:
        _ = await stop.wait()

    monkeypatch.setattr(daemon, "watch", watch)
    host = Host(Files(tmp_path), run, Clock())

    async def life() -> None:
        stop = asyncio.Event()
        task = asyncio.create_task(daemon.serve(host, stop))
        while "READY=1" not in heard or "WATCHDOG=1" not in heard:
            heard.append(await asyncio.to_thread(lambda: line.recv(100).decode()))
        while not merge.published(host.files):
            await asyncio.sleep(0.01)
        stop.set()
        await asyncio.wait_for(task, 10)

    asyncio.run(life())
    while "STOPPING=1" not in heard:
        heard.append(line.recv(100).decode())
    line.close()
    assert merge.published(host.files)["cluster"]["state"] == "none"
    assert not host.files.exists(sockets.AGENT)


_STUCK = """
import asyncio, threading
from agent import daemon

async def stuck(host, stop):
    print("stuck", flush=True)
    await asyncio.to_thread(threading.Event().wait)

daemon.serve, daemon._LEAVE_WITHIN_S = stuck, 0.1
raise SystemExit(daemon.main())
"""


def test_it_ends_soon_though_a_thread_hangs() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _STUCK], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as agent:
        try:
            assert agent.stdout is not None
            assert agent.stdout.readline() == "stuck\n"
            agent.terminate()
            _, words = agent.communicate(timeout=30)
        finally:
            agent.kill()
    assert agent.returncode == 0
    assert "the next start takes it up" in words


def _site(host: Host) -> Site:
    return daemon.site_of(host, daemon.line_of(host.files))


def test_a_change_is_asked_of_apply(tmp_path: Path) -> None:
    host = Host(Files(tmp_path), run, Clock())

    async def both() -> list[Request]:
        async with granting(host.files) as asked:
            with daemon.line_of(host.files) as line:
                change = daemon.site_of(host, line).change
                await asyncio.to_thread(change, Membership.JOINING)
                await asyncio.to_thread(change, Membership.MEMBER, {"cluster.hostname": "a.test"})
            return asked

    assert [(one.verb, one.args) for one in asyncio.run(both())] == [
        ("change", {"membership": "joining"}),
        ("change", {"membership": "member", "shared": {"cluster.hostname": "a.test"}}),
    ]


def test_a_node_without_a_cluster_loads_no_server_and_no_database() -> None:
    heavy = "{'aiohttp', 'cryptography', 'requests', 'psycopg', 'nacl', 'jinja2'}"
    code = f"import sys, agent.daemon; print({heavy} & set(sys.modules))"
    done = run(sys.executable, "-c", code, environment={"PYTHONPATH": ":".join(sys.path)})
    assert done.stdout.strip() == "set()"


def test_a_place_needs_a_name_and_an_address(tmp_path: Path) -> None:
    site = _site(Host(Files(tmp_path), run, Clock()))
    with pytest.raises(NotNow, match="no address yet"):
        _ = site.place()


def test_others_reach_it_where_it_was_said_that_they_do(tmp_path: Path) -> None:
    files = Files(tmp_path)
    _ = files.write("/etc/hostname", "n1\n")
    _ = files.write("/proc/net/fib_trie", "  |-- 192.0.2.7\n     /32 host LOCAL\n")
    site = _site(Host(files, run, Clock()))
    assert site.place() == Place("n1", ("192.0.2.7",), "192.0.2.7:13000")
    told = Node(public_address="board.example.com", peer_address="2001:db8::7")
    _ = store.save(files, Accepted(own=Settings(node=told)))
    wanted = Place("n1", ("192.0.2.7", "board.example.com"), "[2001:db8::7]:13000")
    assert site.place() == wanted


def test_the_version_is_that_of_the_release(tmp_path: Path) -> None:
    files = Files(tmp_path)
    _ = files.write("/etc/bandstand/release", 'NAME=bandstand\nVERSION="1.2.3"\n')
    assert _site(Host(files, run, Clock())).software == "1.2.3"
