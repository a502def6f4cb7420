"""What is said to a web server by an address of IPv6."""

from __future__ import annotations

import socket
import ssl
from pathlib import Path
from threading import Thread

import pytest

from agent.system import http
from tests.fakes.issuer import issue

pytestmark = pytest.mark.outside


def test_an_address_of_ipv6_stands_in_brackets(tmp_path: Path) -> None:
    """nginx answers 400 to a host without them."""
    pair, heard = issue(), list[bytes]()
    (tmp_path / "pair.pem").write_text(pair.pem + pair.key_pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "pair.pem")
    with socket.create_server(("::1", 0), family=socket.AF_INET6) as door:

        def serve() -> None:
            with context.wrap_socket(door.accept()[0], server_side=True) as talk:
                heard.append(talk.recv(4096))
                talk.sendall(b"HTTP/1.0 200 OK\r\n\r\n")

        server = Thread(target=serve)
        server.start()
        answer = http.ask("::1", door.getsockname()[1], timeout_s=20)
        server.join()
    assert answer.status == 200
    assert b"\r\nHost: [::1]\r\n" in heard[0]
