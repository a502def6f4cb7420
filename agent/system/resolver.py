"""The door to resolvers, each asked by itself: systemd-resolved would ask whichever answers.

Debian's own for it (dig, python3-dnspython) are packages more, for one datagram each.
"""

from __future__ import annotations

import os
import select
import socket
import struct
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from ipaddress import IPv4Address, IPv6Address

from agent.system.clock import Clock

Address = IPv4Address | IPv6Address

_PORT = 53
# RFC 1035: for the name servers of the root, and for the resolver's own version (RFC 4892), which
# also one answers itself that has nobody to ask; any answer is enough, also a refusal.
_HEADER = struct.Struct("!HHHHHH")
_RECURSE, _NAME_SERVERS, _TEXT, _INTERNET, _CHAOS = 0x0100, 2, 16, 1, 3
_QUESTIONS = (
    b"\0" + struct.pack("!HH", _NAME_SERVERS, _INTERNET),
    b"\7version\4bind\0" + struct.pack("!HH", _TEXT, _CHAOS),
)
_ANSWER = 0x8000
_LARGEST_BYTES = 4096
# Between two questions, since each may be lost.
_AGAIN_S = (0.5, 1.0, 1.5)


def silent(
    resolvers: Sequence[Address], clock: Clock, *, source: IPv4Address | None = None
) -> tuple[Address, ...]:
    """Those that do not answer, all asked at once; takes 3 s where there is one.

    `source` is the own address that they are asked from.
    """
    left = list(dict.fromkeys(resolvers))
    with ExitStack() as stack:
        made = ((one, _line(one, source)) for one in left)
        lines = {one: stack.enter_context(line) for one, line in made if line is not None}
        number = int.from_bytes(os.urandom(2), "big")
        for wait_s in _AGAIN_S:
            for one, line in lines.items():
                if one in left:
                    _question(line, one, number)
            _hear(lines, left, number, clock.monotonic_s() + wait_s, clock)
            if not left:
                break
    return tuple(left)


def _line(resolver: Address, source: IPv4Address | None) -> socket.socket | None:
    """None on a kernel without the resolver's family."""
    family = socket.AF_INET6 if resolver.version == 6 else socket.AF_INET
    try:
        line = socket.socket(family, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK)
    except OSError:
        return None
    if source is not None and resolver.version == source.version:
        with suppress(OSError):
            line.bind((str(source), 0))
    return line


def _question(line: socket.socket, resolver: Address, number: int) -> None:
    """No way there, or a refusal of the port, is an answer that does not come."""
    for question in _QUESTIONS:
        with suppress(OSError):
            message = _HEADER.pack(number, _RECURSE, 1, 0, 0, 0) + question
            _ = line.sendto(message, (str(resolver), _PORT))


def _hear(
    lines: dict[Address, socket.socket],
    left: list[Address],
    number: int,
    until_s: float,
    clock: Clock,
) -> None:
    while left and (wait_s := until_s - clock.monotonic_s()) > 0:
        waiting = {lines[one]: one for one in left if one in lines}
        ready, _, _ = select.select(list(waiting), (), (), wait_s)
        for line in ready:
            if waiting[line] in left and _has_answer(line, waiting[line], number):
                left.remove(waiting[line])


def _has_answer(line: socket.socket, resolver: Address, number: int) -> bool:
    try:
        data, sender = line.recvfrom(_LARGEST_BYTES)
    except OSError:
        return False
    if len(data) < _HEADER.size or _bare(sender[0]) != _bare(resolver):
        return False
    given: int
    flags: int
    given, flags, *_ = _HEADER.unpack_from(data)
    return given == number and flags & _ANSWER != 0


def _bare(address: object) -> str:
    """Without the zone of a link-local address, of which each side has its own spelling."""
    return str(address).partition("%")[0]
