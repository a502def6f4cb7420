"""The door to who else is on the cable, of IPv4: asked by ARP (packet(7)).

Debian's own are arping, a process for each question, and systemd-networkd's probe, which holds the
address back for seconds at every boot and tells nobody whose it is; pyroute2 has no packet sockets.
"""

from __future__ import annotations

import select
import socket
import struct
from collections.abc import Callable
from contextlib import suppress
from ipaddress import IPv4Address

from agent.system.clock import Clock
from agent.typed import Any, NamedTuple

# linux/if_ether.h, linux/if_packet.h and linux/if_arp.h; RFC 826 for the frame.
_ETH_ARP = 0x0806
_PACKET_BROADCAST = 1
_ARP = struct.Struct("!HHBBH6s4s6s4s")
_ETHERNET, _IPV4, _REQUEST = 1, 0x0800, 1
_EVERYBODY, _NOBODY = b"\xff" * 6, b"\0" * 6
_NO_ADDRESS = IPv4Address(0)
FRAME_BYTES = 2048
# How long to listen after each question. RFC 5227 has three probes within some five seconds, which
# a boot cannot wait for: who has an address mostly answers within a millisecond, each question may
# be lost, and for the slow there is a patient probe once the node works.
_PROBES_S = (0.01, 0.01, 0.02)
_PATIENT_S = (0.1, 0.1, 0.2)
QUESTIONS_S = (0.2, 0.4, 0.4)


class Card(NamedTuple):
    """Through which card is asked, and as whom. `own` are the MACs of all cards of this machine:
    on the same cable each of them answers for the addresses of all.
    """

    name: str
    mac: str
    own: frozenset[str] = frozenset()


class _Frame(NamedTuple):
    """What an ARP frame says of its sender, and whether it went to all."""

    is_request: bool
    mac: bytes
    sender: IPv4Address
    target: IPv4Address
    is_to_all: bool


class Asker:
    """Asks through one card, by one socket: to close it costs 10 ms and more, in which the kernel
    waits for its other processors. So whoever is in a hurry closes it when that is over.
    """

    def __init__(self, card: Card) -> None:
        self._card = card
        self._mac = bytes.fromhex(card.mac.replace(":", ""))
        self._open: socket.socket | None = None

    def __enter__(self) -> Asker:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        if self._open is not None:
            self._open.close()

    def holder(self, address: IPv4Address, clock: Clock, *, patient: bool = False) -> str:
        """The MAC of who has the address, or probes for it as we do; blank where nobody says so.

        Switches that track hosts probe as well, but straight at the card: that is no claim.
        """
        own = {bytes.fromhex(mac.replace(":", "")) for mac in self._card.own}

        def claims(frame: _Frame) -> bool:
            if frame.mac in own:
                return False
            is_probe = frame.is_request and frame.sender == _NO_ADDRESS and frame.is_to_all
            return frame.sender == address or (is_probe and frame.target == address)

        # Where nobody can be asked, an address is no worse than it was before it was asked for.
        with suppress(OSError):
            waits_s = _PATIENT_S if patient else _PROBES_S
            return self._ask(_NO_ADDRESS, address, claims, waits_s, clock)
        return ""

    def answers(self, own: IPv4Address, other: IPv4Address, clock: Clock) -> bool:
        """Whether `other` answers to `own`, which the card has; also where it cannot be asked."""

        def is_answer(frame: _Frame) -> bool:
            return frame.sender == other

        try:
            return self._ask(own, other, is_answer, QUESTIONS_S, clock) != ""
        except OSError:
            return True

    def _ask(
        self,
        sender: IPv4Address,
        target: IPv4Address,
        is_answer: Callable[[_Frame], bool],
        waits_s: tuple[float, ...],
        clock: Clock,
    ) -> str:
        question = _ARP.pack(
            *(_ETHERNET, _IPV4, len(self._mac), len(sender.packed), _REQUEST),
            *(self._mac, sender.packed, _NOBODY, target.packed),
        )
        if self._open is None:
            self._open = open_line(self._card.name, _ETH_ARP)
        line = self._open
        for wait_s in waits_s:
            _ = line.sendto(question, (self._card.name, _ETH_ARP, 0, 0, _EVERYBODY))
            until_s = clock.monotonic_s() + wait_s
            while is_readable(line, until_s - clock.monotonic_s()):
                frame = _frame(*line.recvfrom(FRAME_BYTES))
                if frame is not None and frame.mac != self._mac and is_answer(frame):
                    return frame.mac.hex(":")
        return ""


def open_line(card: str, protocol: int) -> socket.socket:
    # No protocol until it is bound: else it hears every card at first, and to bind is slow.
    line = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, 0)
    try:
        line.bind((card, protocol))
    except OSError:
        line.close()
        raise
    return line


def is_readable(line: socket.socket, timeout_s: float) -> bool:
    poll = select.poll()
    poll.register(line.fileno(), select.POLLIN)
    return timeout_s > 0 and bool(poll.poll(timeout_s * 1000))


def _frame(payload: bytes, source: Any) -> _Frame | None:
    if len(payload) < _ARP.size:
        return None
    kind, protocol, _, _, operation, mac, sender, _, target = _ARP.unpack_from(payload)
    if (kind, protocol) != (_ETHERNET, _IPV4):
        return None
    is_to_all = source[2] == _PACKET_BROADCAST
    return _Frame(operation == _REQUEST, mac, IPv4Address(sender), IPv4Address(target), is_to_all)
