"""The program itself, on a socket that somebody else opened."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from agent.portal import serve
from agent.portal.health import Health

ACTIVATED = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.environ["LISTEN_PID"] = str(os.getpid())
os.environ["LISTEN_FDS"] = "1"
from agent.portal.serve import main
sys.exit(main([]))
"""


def _ask(address: str) -> str:
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(20)
        line.connect(address)
        line.sendall(b"GET /healthz HTTP/1.0\r\nHost: n1\r\n\r\n")
        reply = b""
        while part := line.recv(4096):
            reply += part
    return reply.decode()


@pytest.mark.outside
def test_it_serves_on_the_socket_that_systemd_hands_over(tmp_path: Path) -> None:
    address = str(tmp_path / "portal.sock")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(address)
        listening.listen()
        child = subprocess.Popen(
            [sys.executable, "-c", ACTIVATED, str(listening.fileno())],
            pass_fds=[listening.fileno()],
        )
        try:
            reply = _ask(address)
        finally:
            child.terminate()
            child.wait(timeout=10)
    assert reply.startswith("HTTP/1.1 ")
    assert "content-security-policy: default-src 'none'" in reply
    assert "server:" not in reply.lower()
    assert reply.partition("\r\n\r\n")[2].strip() in set(Health)


def test_without_a_socket_it_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LISTEN_PID", str(os.getpid() + 1))
    assert serve.main([]) == 2
    assert "no socket was handed over" in capsys.readouterr().err


def test_an_unknown_sample_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        serve.main(["--preview", "sunny"])
    assert caught.value.code == 2
    assert "invalid choice: 'sunny'" in capsys.readouterr().err
