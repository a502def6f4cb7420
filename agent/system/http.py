"""The door to web servers: one small question over TLS, and who answered it."""

from __future__ import annotations

import hashlib
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agent.errors import NotReachable

if TYPE_CHECKING:
    import ssl

_LONGEST = 65_536


@dataclass(frozen=True)
class Answer:
    """What came back; `certificate_sha256` is that of the served certificate, in hex."""

    status: int
    body: str
    certificate_sha256: str


def ask(
    address: str, port: int = 443, path: str = "/", *, host: str = "", timeout_s: float = 5
) -> Answer:
    """GET `path` over TLS, under the name `host` (else `address`).

    The certificate is not checked but told: who asks compares it. Raises NotReachable.
    """
    named = host or address
    question = f"GET {path} HTTP/1.0\r\nHost: {named}\r\nConnection: close\r\n\r\n"
    try:
        with (
            socket.create_connection((address, port), timeout=timeout_s) as line,
            _unchecked().wrap_socket(line, server_hostname=named) as talk,
        ):
            certificate = talk.getpeercert(binary_form=True) or b""
            talk.sendall(question.encode("ascii"))
            reply = _read(talk)
    except (OSError, ValueError) as error:
        raise NotReachable(f"{named} does not answer on port {port}: {error}") from error
    return _understood(reply, hashlib.sha256(certificate).hexdigest(), named, port)


def _unchecked() -> ssl.SSLContext:
    import ssl

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _read(talk: ssl.SSLSocket) -> bytes:
    whole = b""
    while len(whole) < _LONGEST and (part := talk.recv(_LONGEST)):
        whole += part
    return whole


def _understood(reply: bytes, sha256: str, named: str, port: int) -> Answer:
    head, _, body = reply.partition(b"\r\n\r\n")
    words = head.split(None, 2)
    if len(words) < 2 or not words[0].startswith(b"HTTP/") or not words[1].isdigit():
        raise NotReachable(f"what answers on port {port} of {named} is no web server")
    return Answer(int(words[1]), body.decode("utf-8", errors="replace"), sha256)
