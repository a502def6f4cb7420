"""When a card has its address and its default route, told by the kernel's own events."""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections.abc import Iterator

from tests.lab.network import enter

_NEW_ADDRESS, _NEW_ROUTE = 20, 24
_GROUPS = 0x10 | 0x40  # IPv4 addresses, IPv4 routes: linux/rtnetlink.h
_HEAD, _ADDRESS_HEAD, _ROUTE_HEAD = 16, 8, 12
_IFA_LOCAL, _RTA_GATEWAY = 2, 5


class Watch:
    """Listens in a network namespace from now on; `at_s` on the monotonic clock once both are."""

    def __init__(self, netns: str, *, address: str, gateway: str) -> None:
        self._address, self._gateway = socket.inet_aton(address), socket.inet_aton(gateway)
        self._seen: dict[int, float] = {}
        self._listens = threading.Event()
        self._thread = threading.Thread(target=self._listen, args=(netns,), daemon=True)
        self._thread.start()
        self._listens.wait(10)

    @property
    def at_s(self) -> float | None:
        return max(self._seen.values()) if len(self._seen) == 2 else None

    def close(self) -> None:
        self._socket.close()

    def _listen(self, netns: str) -> None:
        enter(netns)
        self._socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
        self._socket.bind((0, _GROUPS))
        self._socket.settimeout(120)
        self._listens.set()
        while len(self._seen) < 2:
            try:
                data = self._socket.recv(65536)
            except OSError:
                return
            now_s = time.monotonic()
            for kind in wanted(data, self._address, self._gateway):
                self._seen.setdefault(kind, now_s)


def wanted(data: bytes, address: bytes, gateway: bytes) -> Iterator[int]:
    """The kinds of message in `data` that say the address, or the default route, is there."""
    for kind, body in _messages(data):
        if kind == _NEW_ADDRESS and (_IFA_LOCAL, address) in _attributes(body, _ADDRESS_HEAD):
            yield kind
        is_default = kind == _NEW_ROUTE and body[1] == 0
        if is_default and (_RTA_GATEWAY, gateway) in _attributes(body, _ROUTE_HEAD):
            yield kind


def _messages(data: bytes) -> Iterator[tuple[int, bytes]]:
    while len(data) >= _HEAD:
        length, kind = struct.unpack_from("=IH", data)
        yield kind, data[_HEAD:length]
        data = data[(length + 3) & ~3 :]


def _attributes(body: bytes, head: int) -> list[tuple[int, bytes]]:
    found: list[tuple[int, bytes]] = []
    rest = body[head:]
    while len(rest) >= 4:
        length, kind = struct.unpack_from("=HH", rest)
        if length < 4:
            break
        found.append((kind, rest[4:length]))
        rest = rest[(length + 3) & ~3 :]
    return found
