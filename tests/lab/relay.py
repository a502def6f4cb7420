"""A proxy from this machine into the lab's network, so that a browser here reaches the nodes.

It speaks HTTP's CONNECT and nothing else: addresses, names and certificates stay the nodes' own.
"""

from __future__ import annotations

import contextlib
import re
import socket
import threading
from collections.abc import Mapping

from tests.lab.network import Network

_PIECE = 65536
_CONNECT = re.compile(rb"CONNECT ([\w.-]+):(\d+) HTTP/1\.[01]\r\n")


class Relay:
    """Listens on loopback until it is closed; `names` are those that the lab's nodes go by."""

    def __init__(self, network: Network, names: Mapping[str, str]) -> None:
        self._network, self._names = network, names
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._connect, args=(client,), daemon=True).start()

    def _connect(self, client: socket.socket) -> None:
        try:
            wish = _CONNECT.match(_head(client))
            if wish is None:
                client.sendall(b"HTTP/1.1 405 Only CONNECT\r\n\r\n")
                raise ConnectionError("not a CONNECT")
            host, port = wish.group(1).decode(), int(wish.group(2))
            target = self._network.connect(self._names.get(host, host), port)
            client.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
        except OSError:
            client.close()
            return
        for one, other in ((client, target), (target, client)):
            threading.Thread(target=_pump, args=(one, other), daemon=True).start()


def _head(client: socket.socket) -> bytes:
    client.settimeout(10)
    head = b""
    while b"\r\n\r\n" not in head and len(head) < _PIECE:
        piece = client.recv(_PIECE)
        if not piece:
            break
        head += piece
    client.settimeout(None)
    return head


def _pump(source: socket.socket, sink: socket.socket) -> None:
    source.settimeout(None)
    with contextlib.suppress(OSError):
        while piece := source.recv(_PIECE):
            sink.sendall(piece)
    with contextlib.suppress(OSError):
        sink.shutdown(socket.SHUT_WR)
