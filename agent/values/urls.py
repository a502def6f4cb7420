"""URLs that settings hold, as text and back: proxies, a mirror, a collector of logs."""

from __future__ import annotations

from agent.typed import NamedTuple
from agent.values.address import parse_port
from agent.values.names import parse_host

_LONGEST = 1024
_WEB = ("http", "https")
_SYSLOG = ("udp", "tcp", "tls")
# What a user name or password may hold as it is (RFC 3986, unreserved); the rest goes out encoded.
_PLAIN = "-._~"


class Url(NamedTuple):
    """The parts of an URL; `user` and `password` are percent-encoded, an IPv6 `host` is bare."""

    scheme: str
    user: str
    password: str
    host: str
    port: int | None
    path: str

    @property
    def place(self) -> str:
        """Host and port as URLs have them."""
        host = bracketed(self.host)
        return host if self.port is None else f"{host}:{self.port}"

    def __str__(self) -> str:
        who = f"{self.user}:{self.password}" if self.password else self.user
        return f"{self.scheme}://{who}{'@' if who else ''}{self.place}{self.path}"


def bracketed(host: str) -> str:
    """A host as it stands before a port."""
    return f"[{host}]" if ":" in host else host


def parse_proxy(text: str) -> str:
    """A proxy for web requests; without a scheme it is one that is asked in the clear."""
    url = split(text if "://" in text else f"http://{text.strip()}", _WEB)
    if url.path not in ("", "/"):
        raise ValueError("has a path, and a proxy has none")
    return str(url._replace(path=""))


def parse_mirror(text: str) -> str:
    """A place that others lie below, without the slash at its end."""
    url = split(text, _WEB)
    if url.user:
        raise ValueError("has credentials, which anybody on the node could read")
    return str(url._replace(path=url.path.rstrip("/")))


def parse_syslog(text: str) -> str:
    """A collector of syslog messages; its port is always said, since each program has its own."""
    url = split(text, _SYSLOG)
    if url.user:
        raise ValueError("has credentials, and syslog knows none")
    if url.path not in ("", "/"):
        raise ValueError("has a path, and a collector has none")
    if url.port is None:
        raise ValueError("has no port")
    # rsyslog looks for the host among the names of the certificate, and not among its addresses.
    if url.scheme == "tls" and (":" in url.host or url.host.replace(".", "").isdigit()):
        raise ValueError("has an address, and over TLS a collector is known by its name")
    return str(url._replace(path=""))


def split(text: str, schemes: tuple[str, ...]) -> Url:
    """The parts, each checked and in its normal form. Raises ValueError, without a credential."""
    text = text.strip()
    if len(text) > _LONGEST:
        raise ValueError(f"is longer than {_LONGEST} characters")
    scheme, found, rest = text.partition("://")
    if not found or scheme.lower() not in schemes:
        raise ValueError(f"is not an URL that begins with {_listed(schemes)}")
    # Before the last @, since passwords are pasted as they are.
    who, _, rest = rest.rpartition("@")
    place, slash, path = rest.partition("/")
    user, colon, password = who.partition(":")
    if colon and not user:
        raise ValueError("has a password without a user")
    host, port = _host_and_port(place)
    return Url(scheme.lower(), _encoded(user), _encoded(password), host, port, _path(slash + path))


def has_credentials(url: str) -> bool:
    """Of an URL in its normal form."""
    return "@" in url


def _listed(schemes: tuple[str, ...]) -> str:
    words = [f"{scheme}://" for scheme in schemes]
    return f"{', '.join(words[:-1])} or {words[-1]}"


def _host_and_port(place: str) -> tuple[str, int | None]:
    host, port = _apart(place)
    if not host:
        raise ValueError("has no host")
    if "%" in host:
        raise ValueError("has an address of one card, which has no use here")
    return parse_host(host), parse_port(port) if port else None


def _apart(place: str) -> tuple[str, str]:
    if place.startswith("["):
        inner, closed, rest = place[1:].partition("]")
        if not closed or (rest and not rest.startswith(":")) or ":" not in inner:
            raise ValueError("has brackets that do not hold an IPv6 address")
        return inner, rest[1:]
    if place.count(":") > 1:
        raise ValueError("has an IPv6 address without brackets, such as [2001:db8::1]:3128")
    host, _, port = place.partition(":")
    return host, port


def _path(text: str) -> str:
    if any(character in text for character in "?#"):
        raise ValueError("has a query or fragment, which has no use here")
    if not all("!" <= character <= "~" and character not in "\"'\\<>^`{|}" for character in text):
        raise ValueError("has a character in its path that URLs do not have")
    return text


def _encoded(text: str) -> str:
    """Percent-encoded once, whether it came so or not."""
    if not text:
        return ""
    if not text.isprintable() or " " in text:
        raise ValueError("has credentials with a character that cannot be typed")
    return "".join(
        chr(byte) if chr(byte).isascii() and (chr(byte).isalnum() or chr(byte) in _PLAIN)
        else f"%{byte:02X}"
        for byte in _decoded(text)
    )  # fmt: skip


def _decoded(text: str) -> bytes:
    """A percent sign that begins no pair of digits stands for itself."""
    first, *parts = text.encode("utf-8", errors="replace").split(b"%")
    whole = first
    for part in parts:
        digits = part[:2]
        is_pair = len(digits) == 2 and all(byte in b"0123456789abcdefABCDEF" for byte in digits)
        whole += bytes((int(digits, 16),)) + part[2:] if is_pair else b"%" + part
    return whole
