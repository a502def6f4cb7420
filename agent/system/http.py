"""The door to web servers: one small question over TLS, and who answered it.

All that is asked here is a node, this one or another, so no proxy is ever in between: neither that
of the settings, which is apt's, nor one of the surroundings.
"""

from __future__ import annotations

import hashlib
import json
import socket
from collections.abc import Mapping

from agent.errors import NotReachable
from agent.typed import TYPE_CHECKING, Any, NamedTuple, Self

if TYPE_CHECKING:
    import ssl

    import requests

_LONGEST = 65_536
# A configuration: three settings of 64 KiB each, in base64, and what surrounds them.
_LONGEST_REPLY = 1 << 20


class Answer(NamedTuple):
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
    shown = f"[{named}]" if ":" in named else named
    question = f"GET {path} HTTP/1.0\r\nHost: {shown}\r\nConnection: close\r\n\r\n"
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


class Trust(NamedTuple):
    """Whom to believe: what `root_file` signed, answering to `name`; a pair makes it mutual."""

    root_file: str
    name: str
    certificate_file: str = ""
    key_file: str = ""


class Reply(NamedTuple):
    """An answer in JSON, and the certificate that this very connection showed, as DER."""

    status: int
    content: dict[str, Any]
    certificate_der: bytes


class Talk:
    """JSON over TLS 1.3 with one server, on one connection as long as it lasts.

    Without `trust` nothing is checked: who asks compares the certificate. Raises NotReachable.
    """

    def __init__(self, host: str, port: int, *, trust: Trust | None, timeout_s: float = 10) -> None:
        self.address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        self._timeout_s = timeout_s
        self._verify: bool | str = trust.root_file if trust else False
        self._session = _session(_strict(trust) if trust else _loose(), trust)

    def get(self, path: str) -> Reply:
        return self._ask("GET", path, None)

    def post(self, path: str, content: Mapping[str, Any]) -> Reply:
        return self._ask("POST", path, content)

    def close(self) -> None:
        self._session.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _ask(self, method: str, path: str, content: Mapping[str, Any] | None) -> Reply:
        import requests

        try:
            response = self._session.request(
                method,
                f"https://{self.address}{path}",
                json=content,
                verify=self._verify,
                timeout=(min(3, self._timeout_s), self._timeout_s),
                allow_redirects=False,
                stream=True,
            )
            line: Any = response.raw
            shown = line.connection.sock.getpeercert(binary_form=True) or b""
            body = line.read(_LONGEST_REPLY, decode_content=True)
            return Reply(response.status_code, _object(body), shown)
        except requests.RequestException as error:
            raise NotReachable(f"{self.address} is not reachable: {_reason(error)}") from error
        except (OSError, ValueError, AttributeError) as error:
            raise NotReachable(f"{self.address} does not answer as a node does") from error


def _object(body: bytes) -> dict[str, Any]:
    if not body.lstrip().startswith(b"{"):
        raise ValueError("not an object")
    found: dict[str, Any] = json.loads(body)
    return found


def _session(context: ssl.SSLContext, trust: Trust | None) -> requests.Session:
    import requests
    import urllib3
    from requests.adapters import HTTPAdapter

    if trust is None:
        urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
    options: dict[str, Any] = {"ssl_context": context}
    if trust is not None:
        options["server_hostname"] = trust.name

    class Pinned(HTTPAdapter):
        """Our own context and name, whatever the URL says."""

        def init_poolmanager(self, connections: int, maxsize: int, *_: Any, **__: Any) -> None:
            super().init_poolmanager(connections, maxsize, **options)

    session = requests.Session()
    session.trust_env = False
    session.mount("https://", Pinned(max_retries=0))
    return session


def _strict(trust: Trust) -> ssl.SSLContext:
    import ssl

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.load_verify_locations(trust.root_file)
    if trust.certificate_file:
        context.load_cert_chain(trust.certificate_file, trust.key_file)
    return context


def _loose() -> ssl.SSLContext:
    import ssl

    context = _unchecked()
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    return context


_REASONS = (
    ("Connection refused", "nothing listens there"),
    ("timed out", "no answer came in time"),
    ("No route to host", "no route leads there"),
    ("Network is unreachable", "no route leads there"),
    ("resolve", "its name is not known"),
    ("Name or service not known", "its name is not known"),
    ("certificate", "it shows a certificate that is not of this cluster"),
    ("SSL", "it does not speak TLS as a node does"),
    ("reset", "it hung up"),
    ("disconnected", "it hung up"),
    ("aborted", "it hung up"),
)


def _reason(error: Exception) -> str:
    said = str(error)
    return next((words for sign, words in _REASONS if sign in said), "the connection failed")
