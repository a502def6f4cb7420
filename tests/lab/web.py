"""HTTP as a browser of the lab's network speaks it: what came back, and under which certificate."""

from __future__ import annotations

import hashlib
import http.client
import socket
import ssl
from dataclasses import dataclass

from tests.lab.network import Network


@dataclass(frozen=True)
class Reply:
    """An answer; `sha256` is that of the certificate it came under, empty without TLS."""

    status: int
    body: str
    location: str
    sha256: str


def get(
    network: Network, address: str, path: str, *, port: int = 443, within_s: float = 60
) -> Reply:
    """Over TLS from inside the network, whoever signed; raises OSError as a socket does."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    raw = network.connect(address, port, within_s=within_s)
    with context.wrap_socket(raw, server_hostname=address) as secured:
        certificate = secured.getpeercert(binary_form=True) or b""
        return _exchange(secured, address, path, hashlib.sha256(certificate).hexdigest())


def trust(network: Network, address: str, *, name: str, root: str) -> None:
    """As a client that knows one root and no more; raises ssl.SSLError where it would not."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=root)
    raw = network.connect(address, 443)
    context.wrap_socket(raw, server_hostname=name).close()


def get_plain(network: Network, address: str, path: str, *, within_s: float = 60) -> Reply:
    """Over port 80."""
    with network.connect(address, 80, within_s=within_s) as raw:
        return _exchange(raw, address, path, "")


def _exchange(connected: socket.socket, host: str, path: str, sha256: str) -> Reply:
    connection = http.client.HTTPConnection(host)
    connection.sock = connected
    connection.request("GET", path, headers={"Host": host, "Connection": "close"})
    response = connection.getresponse()
    body = response.read().decode(errors="replace")
    return Reply(response.status, body, response.getheader("Location", ""), sha256)
