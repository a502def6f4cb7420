"""From a port of this machine into the lab's network, so that a browser here reaches a node."""

from __future__ import annotations

import contextlib
import socket
import threading

from tests.lab.network import Network

_PIECE = 65536


class Relay:
    """Listens on loopback until it is closed; `port` is the one it got."""

    def __init__(self, network: Network, address: str, port: int) -> None:
        self._network, self._target = network, (address, port)
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
            self._connect(client)

    def _connect(self, client: socket.socket) -> None:
        try:
            target = self._network.connect(*self._target)
        except OSError:
            client.close()
            return
        for one, other in ((client, target), (target, client)):
            threading.Thread(target=_pump, args=(one, other), daemon=True).start()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while piece := source.recv(_PIECE):
            sink.sendall(piece)
    with contextlib.suppress(OSError):
        sink.shutdown(socket.SHUT_WR)
