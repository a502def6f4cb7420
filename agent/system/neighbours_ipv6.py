"""The door to who else is on the cable, of IPv6: overheard (packet(7)), and solicited (raw(7)).

The kernel looks for its neighbours itself, but tells neither whose a duplicate is nor, before three
seconds are over, that a gateway is silent.
"""

from __future__ import annotations

import socket
import struct
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address

from agent.system.clock import Clock
from agent.system.neighbours import FRAME_BYTES, QUESTIONS_S, is_readable, open_line

_ETH_IPV6 = 0x86DD
# RFC 8200 and 4861 for where things lie in an advertisement.
_ICMPV6, _SOLICITATION, _ADVERTISEMENT = 58, 135, 136
_NEXT_HEADER, _TYPE, _TARGET = 6, 40, slice(48, 64)
# The same without the header of IPv6, which a raw socket takes away and adds.
_ANSWERED = slice(8, 24)
# Type, code, checksum (the kernel's), target; then an option of eight bytes: who asks.
_QUESTION = struct.Struct("!BBH4x16sBB6s")
_SOURCE_MAC, _EIGHT_BYTES = 1, 1
# One that came through a router has less, and is not answered.
_HOPS = 255
_SOLICITED = int(IPv6Address("ff02::1:ff00:0"))
_LAST_BITS = 0xFFFFFF


class Claims:
    """Who says of an IPv6 address that it is his, from when this is opened.

    The kernel finds duplicates, and does not tell whose. Where this cannot listen, nobody is named.
    """

    def __init__(self, card: str) -> None:
        self._card = card
        self._line: socket.socket | None = None

    def __enter__(self) -> Claims:
        with suppress(OSError):
            self._line = open_line(self._card, _ETH_IPV6)
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
            payload, source = self._line.recvfrom(FRAME_BYTES, socket.MSG_DONTWAIT)
        except OSError:
            return None
        return payload, source[4].hex(":")


def _is_advertisement(payload: bytes) -> bool:
    is_whole = len(payload) >= _TARGET.stop
    return is_whole and (payload[_NEXT_HEADER], payload[_TYPE]) == (_ICMPV6, _ADVERTISEMENT)


def answers(card: str, mac: str, other: IPv6Address, clock: Clock) -> bool:
    """Whether `other` answers on the link of the card, which has this MAC; also where it cannot be
    asked.
    """
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_RAW, _ICMPV6) as line:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, card.encode())
            line.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, _HOPS)
            where = socket.if_nametoindex(card)
            return _solicit(line, where, bytes.fromhex(mac.replace(":", "")), other, clock)
    except OSError:
        return True


def _solicit(line: socket.socket, index: int, mac: bytes, other: IPv6Address, clock: Clock) -> bool:
    """Asked from the link-local address, which each router can answer to."""
    question = _QUESTION.pack(
        *(_SOLICITATION, 0, 0, other.packed),
        *(_SOURCE_MAC, _EIGHT_BYTES, mac),
    )
    group = str(IPv6Address(_SOLICITED | (int(other) & _LAST_BITS)))
    for wait_s in QUESTIONS_S:
        _ = line.sendto(question, (group, 0, 0, index))
        until_s = clock.monotonic_s() + wait_s
        while is_readable(line, until_s - clock.monotonic_s()):
            said = line.recv(FRAME_BYTES)
            if said[:1] == bytes([_ADVERTISEMENT]) and said[_ANSWERED] == other.packed:
                return True
    return False
