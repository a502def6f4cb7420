"""The rules on a real kernel, loaded by the real nft."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from agent.demands import Demands, Port, Transport
from agent.errors import CommandFailed
from agent.firewall import act
from agent.firewall.observe import observe
from agent.firewall.plan import plan, rules
from agent.firewall.state import RULES_FILE
from agent.steps.journal import Journal
from agent.steps.run import run_steps, undo_steps
from agent.steps.step import Step
from agent.system.files import Files
from agent.system.host import Host
from agent.system.run import run
from tests.fakes.namespace import ip, own_network

pytestmark = pytest.mark.node


def _ports(*numbers: int) -> Demands:
    return Demands(tuple(Port(number, Transport.TCP, f"port {number}") for number in numbers))


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    with own_network():
        yield Host(files=Files(tmp_path))


# Opens connections until one does not come about, tells how many did, then the same once more.
_STRANGER = """
import socket, sys, time
source, target = sys.argv[1:3]
for _ in range(2):
    lines = []
    try:
        while len(lines) < 50:
            lines.append(socket.create_connection((target, 13000), 0.5, (source, 0)))
    except OSError:
        pass
    print(len(lines))
    for line in lines:
        line.close()
    time.sleep(0.5)
"""


@pytest.fixture
def stranger(host: Host) -> Iterator[int]:
    """The process whose network holds the other end of a cable: 192.0.2.2 and .3, here is .1."""
    other = subprocess.Popen(("unshare", "--net", "sleep", "infinity"))
    try:
        here = Path(f"/proc/{os.getpid()}/task/{threading.get_native_id()}/ns/net").readlink()
        while Path(f"/proc/{other.pid}/ns/net").readlink() == here:
            time.sleep(0.01)
        ip("link", "add", "here", "type", "veth", "peer", "name", "there", "netns", str(other.pid))
        ip("address", "add", "192.0.2.1/24", "dev", "here")
        ip("address", "add", "2001:db8::1/64", "dev", "here", "nodad")
        ip("link", "set", "here", "up")
        _there(other.pid, "ip", "link", "set", "there", "up")
        for address in ("192.0.2.2/24", "192.0.2.3/24"):
            _there(other.pid, "ip", "address", "add", address, "dev", "there")
        for address in ("2001:db8::2/64", "2001:db8::3/64"):
            _there(other.pid, "ip", "address", "add", address, "dev", "there", "nodad")
        yield other.pid
    finally:
        other.kill()
        other.wait()


def _there(pid: int, *argv: str) -> str:
    return run("nsenter", "-t", str(pid), "-n", *argv).stdout


@contextmanager
def _listening(family: socket.AddressFamily) -> Iterator[None]:
    """Takes every connection, and ends it when the other side does."""

    def end(line: socket.socket) -> None:
        with line:
            _ = line.recv(1)

    def serve() -> None:
        with suppress(OSError):
            while True:
                line, _ = door.accept()
                threading.Thread(target=end, args=(line,), daemon=True).start()

    with socket.create_server(("", 13000), family=family) as door:
        thread = threading.Thread(target=serve)
        thread.start()
        yield
        door.shutdown(socket.SHUT_RDWR)
        thread.join()


def _apply(host: Host, wanted: Demands) -> tuple[Step, ...]:
    journal = Journal.load(host.files, "/journal")
    return run_steps(act.steps(plan(wanted, observe(host)), host), journal, host.clock)


def _loaded() -> str:
    return run("nft", "list", "ruleset").stdout


def test_the_kernel_holds_what_the_file_says(host: Host) -> None:
    _apply(host, _ports(80, 443))
    assert "tcp dport { 80, 443 } accept" in _loaded()
    assert "hook input priority filter; policy drop;" in _loaded()


def test_a_change_replaces_the_table_and_undo_brings_the_former(host: Host) -> None:
    _apply(host, _ports(80, 443))
    before = _loaded()
    done = _apply(host, _ports(22, 80, 443))
    assert "{ 22, 80, 443 }" in _loaded()
    undo_steps(done, Journal.load(host.files, "/journal"))
    assert _loaded() == before
    assert host.files.read(RULES_FILE) == rules(_ports(80, 443))


def test_one_stranger_holds_some_connections_and_another_comes_in_beside(
    host: Host, stranger: int
) -> None:
    limited = Demands((Port(13000, Transport.TCP, "other nodes", 32),))
    _apply(host, limited)
    with _listening(socket.AF_INET):
        greedy = ("python3", "-c", _STRANGER, "192.0.2.2", "192.0.2.1")
        assert _there(stranger, *greedy).split() == ["32", "32"]
        with _holding(stranger, "192.0.2.2"):
            other = ("python3", "-c", _STRANGER, "192.0.2.3", "192.0.2.1")
            assert _there(stranger, *other).split() == ["32", "32"]
            assert _there(stranger, *greedy).split() == ["0", "0"]
    _apply(host, Demands((Port(13000, Transport.TCP, "other nodes", 0),)))
    assert "crowd" not in _loaded()


@contextmanager
def _holding(pid: int, source: str, target: str = "192.0.2.1") -> Iterator[None]:
    """All the connections that this address may have, held."""
    program = _STRANGER.replace("print(len(lines))", "print(len(lines), flush=True); input()")
    argv = ("nsenter", "-t", str(pid), "-n", sys.executable, "-c", program, source, target)
    held = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert held.stdout is not None
    assert held.stdout.readline() == b"32\n"
    yield
    held.kill()
    held.communicate()


def test_of_ipv6_a_network_counts_as_one_stranger(host: Host, stranger: int) -> None:
    _apply(host, Demands((Port(13000, Transport.TCP, "other nodes", 32),)))
    other = ("python3", "-c", _STRANGER, "2001:db8::3", "2001:db8::1")
    with _listening(socket.AF_INET6), _holding(stranger, "2001:db8::2", "2001:db8::1"):
        assert _there(stranger, *other).split() == ["0", "0"]


def test_rules_of_others_stay(host: Host) -> None:
    run("nft", "add", "table", "inet", "payload")
    undo_steps(_apply(host, _ports(80)), Journal.load(host.files, "/journal"))
    assert _loaded() == "table inet payload {\n}\n"


def test_rules_that_nft_refuses_leave_the_former_in_force(host: Host) -> None:
    _apply(host, _ports(80))
    before = _loaded()
    with pytest.raises(CommandFailed):
        _apply(host, Demands((Port(99999, Transport.TCP, "no port"),)))
    assert _loaded() == before
    assert host.files.read(RULES_FILE) == rules(_ports(80))
