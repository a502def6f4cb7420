"""The door to who else is on the cable, over packet sockets (packet(7))."""

from __future__ import annotations

import socket
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address

# linux/if_ether.h, and RFC 8200 and 4861 for where things lie in an advertisement.
_ETH_IPV6 = 0x86DD
_ICMPV6, _ADVERTISEMENT = 58, 136
_NEXT_HEADER, _TYPE, _TARGET = 6, 40, slice(48, 64)
_FRAME_BYTES = 2048


class Claims:
    """Who says of an IPv6 address that it is his, from when this is opened.

    The kernel finds duplicates, and does not tell whose. Where this cannot listen, nobody is named.
    """

    def __init__(self, card: str) -> None:
        self._card = card
        self._line: socket.socket | None = None

    def __enter__(self) -> Claims:
        with suppress(OSError):
            self._line = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(_ETH_IPV6))
            self._line.bind((self._card, _ETH_IPV6))
        return self

    def __exit__(self, *_: object) -> None:
        if self._line is not None:
            self._line.close()

    def of(self, address: IPv4Address | IPv6Address) -> str:
        """The MAC of who claimed it, blank where nobody was heard."""
        while frame := self._next():
            payload, mac = frame
            if _is_advertisement(payload) and payload[_TARGET] == address.packed:
                return mac
        return ""

    def _next(self) -> tuple[bytes, str] | None:
        if self._line is None:
            return None
        try:
            payload, source = self._line.recvfrom(_FRAME_BYTES, socket.MSG_DONTWAIT)
        except OSError:
            return None
        return payload, source[4].hex(":")


def _is_advertisement(payload: bytes) -> bool:
    is_whole = len(payload) >= _TARGET.stop
    return is_whole and (payload[_NEXT_HEADER], payload[_TYPE]) == (_ICMPV6, _ADVERTISEMENT)
