"""Other nodes are asked directly, whatever proxy the surroundings name."""

from __future__ import annotations

import socket
import ssl
import threading
from pathlib import Path

import pytest

from agent.system.http import Talk, ask
from tests.fakes.issuer import issue

pytestmark = pytest.mark.outside

# Where nobody listens: who asks there gets no answer.
_NOBODY = "http://127.0.0.1:9"
_REPLY = b"HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n" + b'{"its": "me"}'


@pytest.fixture
def port(tmp_path: Path) -> int:
    """A server that answers two connections, each with the same."""
    pair = issue("node-1")
    pem = tmp_path / "pair.pem"
    pem.write_text(pair.pem + pair.key_pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    door = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with door:
            for _ in range(2):
                line, _ = door.accept()
                with context.wrap_socket(line, server_side=True) as talk:
                    is_short = b"HTTP/1.0" in talk.recv(4096)
                    talk.sendall(_REPLY)
                    _ = is_short or talk.recv(4096)

    threading.Thread(target=serve, daemon=True).start()
    number: int = door.getsockname()[1]
    return number


def test_no_proxy_is_asked_for_a_node(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, _NOBODY)
        monkeypatch.setenv(name.upper(), _NOBODY)
    monkeypatch.delenv("no_proxy", raising=False)
    with Talk("127.0.0.1", port, trust=None) as talk:
        assert talk.get("/").content == {"its": "me"}
    assert ask("127.0.0.1", port).status == 200
