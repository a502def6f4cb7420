"""What is watched, as the tests of this room have it: a clock, a kernel, a page, files."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address, ip_interface, ip_network
from typing import Any

from agent.errors import NotReachable
from agent.status import merge
from agent.system import nginx
from agent.system.clock import Clock
from agent.system.files import Files
from agent.system.host import Host
from agent.system.http import Answer
from agent.system.netlink import Gateway
from agent.system.netstate import Address, Link, Route
from tests.fakes.issuer import Issued, issue

PAIR = issue("node-1")
RESOLVED = "/run/systemd/resolve/resolv.conf"


class StillClock(Clock):
    """Time moves when a test says so."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 7, 1, tzinfo=UTC)
        self.seconds = 1000.0

    def now(self) -> datetime:
        return self.moment

    def monotonic_s(self) -> float:
        return self.seconds

    def go_on(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)
        self.seconds += seconds


class FakeNetwork:
    """A kernel with one card and `others`; `change` tells of it as netlink does."""

    def __init__(self) -> None:
        self.has_carrier = True
        self.is_there = True
        self.others: list[Link] = []
        self.addresses_: list[Address] = []
        self.gateway: str | None = "192.0.2.1"
        self.protocol = 4
        self.answered: set[str] = set()
        self.reading, self.writing = os.pipe()

    def close(self) -> None:
        os.close(self.reading)
        os.close(self.writing)

    def give(self, text: str, *, permanent: bool = True, usable: bool = True) -> None:
        self.addresses_.append(Address(2, ip_interface(text), None, usable, permanent))

    def change(self) -> None:
        os.write(self.writing, b"x")

    def links(self) -> tuple[Link, ...]:
        up = self.has_carrier
        card = Link(2, "ens32", "00:00:5e:00:53:01", True, True, up)
        loopback = Link(1, "lo", "00:00:00:00:00:00", False, True, True)
        return (loopback, *([card] if self.is_there else ()), *self.others)

    def addresses(self, index: int) -> tuple[Address, ...]:
        return tuple(self.addresses_)

    def routes(self) -> tuple[Route, ...]:
        linked = (Route(one.interface.network, None, 2, 254, 2, 0) for one in self.addresses_)
        return (*linked, *self.default_routes(2))

    def default_routes(self, index: int, version: int = 4) -> tuple[Route, ...]:
        if self.gateway is None or version == 6:
            return ()
        everywhere, far = ip_network("0.0.0.0/0"), ip_address("192.0.2.254")
        near = Route(everywhere, ip_address(self.gateway), 2, 254, self.protocol, 0)
        return (Route(everywhere, far, 2, 254, 16, 1024), near)

    def neighbours(self, index: int) -> frozenset[Gateway]:
        return frozenset(ip_address(one) for one in self.answered)

    def fileno(self) -> int:
        return self.reading

    def drain(self) -> None:
        os.read(self.reading, 100)


class Web:
    """The node's own web page as asked for: answers `status`, or nobody does."""

    def __init__(self) -> None:
        self.status: int | None = 200
        self.sha256 = PAIR.sha256
        self.asked: list[tuple[str, str, int]] = []

    def __call__(self, address: str, path: str, port: int = 443) -> Answer:
        self.asked.append((address, path, port))
        if self.status is None:
            raise NotReachable("nobody")
        return Answer(self.status, "", self.sha256)


def put_pair(
    files: Files,
    source: str = "self-signed",
    not_after: str = "2027-01-01",
    names: tuple[str, ...] = ("node-1",),
    pair: Issued = PAIR,
) -> None:
    told = nginx.Installed(source, names, f"{not_after}T00:00:00Z", pair.sha256, "key")
    name = f"pair-{pair.sha256[:16]}"
    nginx.put_pair(files, name, told, certificate_pem=pair.pem, key_pem=pair.key_pem)
    files.link(nginx.LIVE, to=name)


def told(host: Host) -> dict[str, Any]:
    return merge.published(host.files)
