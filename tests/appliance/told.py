"""What the guests of this tier are told: signs that other programs stumble over, and the worst."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

from tests.fakes.issuer import Issued, issue

# Each means something to XML, a shell, printf, YAML, SQL or a terminal's font.
SIGNS = "&<>\"'$`%\\ Zoë žluť 密"
# Every setting that takes any text, but for keys' comments and the administrator's password.
TEXTS: Mapping[str, str] = {
    "cluster.name": f"c {SIGNS}",
    "database.name": f"d {SIGNS}",
    "database.user": f"u {SIGNS}",
    "database.password": f"p {SIGNS}",
}
PASSWORD = f"w {SIGNS}"


@dataclass(frozen=True)
class Pair:
    """A certificate with those above it, as an operator has them."""

    root: Issued
    middle: Issued
    leaf: Issued

    @property
    def certificate(self) -> str:
        """The wrong way round, each mangled in another way."""
        middle = self.middle.pem.replace("\n", "\r\n")
        leaf = " ".join(self.leaf.pem.split("\n"))
        return f"Bag Attributes: <none>\n{self.root.pem.rstrip()}\r\n{middle}{leaf}"

    @property
    def key(self) -> str:
        return base64.b64encode(self.leaf.key_pem.replace("\n", "\r\n").encode()).decode()


def _issued() -> Callable[..., Issued]:
    """In date by the clock of this machine, which is the guests' too."""
    now = datetime.now(UTC)
    return partial(issue, begins=now - timedelta(days=1), ends=now + timedelta(days=90))


def own(name: str) -> Issued:
    """Signed by itself."""
    return _issued()(name)


def pair(name: str) -> Pair:
    issued = _issued()
    root = issued("Lab root", is_authority=True)
    middle = issued("Lab middle", by=root, is_authority=True)
    return Pair(root, middle, issued(name, by=middle))


def worst() -> dict[str, str]:
    """One environment with something wrong in every category, and what is right between."""
    given = pair("worst")
    return {
        "network.mode": "auto",
        "network.address": "10.77.0.31/24",
        "network.netmask": "255.255.0.0",
        "network.gateway": "10.78.0.1",
        "network.dns": "10.77.0.255",
        "network.domain": "lab..example",
        "network.ntp": "ntp_1, 10.77.0.1",
        "network.http_proxy": f"socks://me:{SIGNS}@10.77.0.1",
        "network.gateway4": "10.77.0.1",
        "node.name": "worst_of_all!",
        "node.admin_password": PASSWORD,
        "node.timezone": "Europe/Berlim",
        "node.keyboard": "qwertzu",
        "node.syslog": "10.77.0.1",
        "node.mirror": "ftp://mirror.example.com",
        "node.ca_certificates": "-----BEGIN CERTIFICATE-----\nMIIB",
        "tls.certificate": given.certificate,
        "tls.key": pair("another").key,
        "cluster.join": "bandstand-join",
        "cluster.name": "x" * 49,
        "database.port": "65536",
        "database.tls": "verify-full",
    }


REFUSED = (
    "network.netmask",
    "network.gateway",
    "network.dns",
    "network.domain",
    "network.ntp",
    "network.http_proxy",
    "node.name",
    "node.timezone",
    "node.keyboard",
    "node.syslog",
    "node.mirror",
    "node.ca_certificates",
    "tls.certificate",
    "cluster.join",
    "cluster.name",
    "database.port",
    "database.tls",
)
FALLBACKS: Mapping[str, str] = {
    "network": "DHCP",
    "node": "what blank means, field by field",
    "tls": "a self-signed certificate",
    "cluster": "not joined",
    "database": "none",
}
