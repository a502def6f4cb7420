"""Who else is on the cable, on a real kernel: rivals, and gateways that answer or not."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import IPv4Address
from threading import Timer

import pytest

from agent.system.clock import Clock
from agent.system.neighbours import Asker, Card
from tests.fakes.namespace import Rival, ip, own_network, rival

pytestmark = pytest.mark.node

MINE, HIS = "00:50:56:ab:cd:ef", "00:50:56:00:00:99"
CARD = Card("ens32", MINE)
ASKED, GATEWAY = IPv4Address("192.0.2.10"), IPv4Address("192.0.2.1")
_ETH_ARP = 0x0806


def holder(card: Card, address: IPv4Address, *, patient: bool = False) -> str:
    with Asker(card) as asker:
        return asker.holder(address, Clock(), patient=patient)


def answers(card: Card, own: IPv4Address, other: IPv4Address) -> bool:
    with Asker(card) as asker:
        return asker.answers(own, other, Clock())


@pytest.fixture
def neighbour() -> Iterator[Rival]:
    with own_network(), rival() as found:
        ip("link", "add", "ens32", "address", MINE, "type", "veth", "peer", "far", "address", HIS)
        found.plug("far")
        found.ip("link", "set", "far", "up")
        ip("link", "set", "ens32", "up")
        yield found


@pytest.mark.parametrize(("patient", "takes_s"), [(False, 0.04), (True, 0.4)])
def test_nobody_has_a_free_address(neighbour: Rival, patient: bool, takes_s: float) -> None:
    began = time.monotonic()
    assert holder(CARD, ASKED, patient=patient) == ""
    assert takes_s - 0.01 < time.monotonic() - began < 5


def test_a_rival_is_told_by_its_mac_and_at_once(neighbour: Rival) -> None:
    neighbour.ip("address", "add", f"{ASKED}/24", "dev", "far")
    began = time.monotonic()
    assert holder(CARD, ASKED, patient=True) == HIS
    assert time.monotonic() - began < 0.35


def test_another_card_of_this_machine_is_no_rival(neighbour: Rival) -> None:
    neighbour.ip("address", "add", f"{ASKED}/24", "dev", "far")
    assert holder(CARD._replace(own=frozenset({MINE, HIS})), ASKED, patient=True) == ""


def test_asking_disturbs_nobody(neighbour: Rival) -> None:
    """A probe has no sender, so the rival learns no wrong card for its own address."""
    neighbour.ip("address", "add", f"{ASKED}/24", "dev", "far")
    _ = holder(CARD, ASKED)
    assert neighbour.ip("neighbour", "show", "dev", "far").strip() == ""


def test_the_owner_of_another_address_is_no_rival(neighbour: Rival) -> None:
    neighbour.ip("address", "add", f"{GATEWAY}/24", "dev", "far")
    assert holder(CARD, ASKED) == ""


@contextmanager
def _said(frame: bytes, *, to_all: bool) -> Iterator[Card]:
    """A card of ours, and what somebody else on its bridge says while we listen."""
    ip("link", "add", "below0", "type", "bridge")
    for card, mac in (("mine", "00:50:56:00:00:01"), ("third", HIS)):
        ip("link", "add", card, "address", mac, "type", "veth", "peer", f"{card}0")
        ip("link", "set", f"{card}0", "master", "below0")
    for card in ("below0", "third0", "third", "mine0", "mine"):
        ip("link", "set", card, "up")
    own = Card("mine", "00:50:56:00:00:01")
    to = b"\xff" * 6 if to_all else bytes.fromhex(own.mac.replace(":", ""))
    with socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, 0) as line:
        sender = Timer(0.05, lambda: line.sendto(frame, ("third", _ETH_ARP, 0, 0, to)))
        sender.start()
        yield own
        sender.join()


def _arp(operation: int, mac: str, sender: str, target: str) -> bytes:
    return (
        bytes.fromhex("00010800060400")
        + bytes([operation])
        + bytes.fromhex(mac.replace(":", ""))
        + IPv4Address(sender).packed
        + bytes(6)
        + IPv4Address(target).packed
    )


@pytest.mark.parametrize(
    ("frame", "to_all", "rival_mac"),
    [
        (_arp(2, HIS, "192.0.2.10", "192.0.2.77"), True, HIS),
        (_arp(1, HIS, "192.0.2.10", "192.0.2.10"), True, HIS),
        (_arp(1, HIS, "0.0.0.0", "192.0.2.10"), True, HIS),
        (_arp(1, HIS, "192.0.2.77", "192.0.2.10"), True, ""),
        (_arp(1, HIS, "0.0.0.0", "192.0.2.11"), True, ""),
        (_arp(1, HIS, "0.0.0.0", "192.0.2.10"), False, ""),
        (b"short", True, ""),
    ],
    ids=["answers", "announces", "probes", "asks", "other", "switch tracks hosts", "broken"],
)
def test_what_counts_as_a_claim(
    neighbour: Rival, frame: bytes, to_all: bool, rival_mac: str
) -> None:
    with _said(frame, to_all=to_all) as card:
        assert holder(card, ASKED, patient=True) == rival_mac


def test_a_gateway_that_answers(neighbour: Rival) -> None:
    neighbour.ip("address", "add", f"{GATEWAY}/24", "dev", "far")
    ip("address", "add", f"{ASKED}/24", "dev", "ens32")
    assert answers(CARD, ASKED, GATEWAY)


def test_a_dead_gateway_takes_a_second(neighbour: Rival) -> None:
    ip("address", "add", f"{ASKED}/24", "dev", "ens32")
    began = time.monotonic()
    assert not answers(CARD, ASKED, GATEWAY)
    assert 0.9 < time.monotonic() - began < 5


def test_where_nobody_can_be_asked_nothing_is_said(neighbour: Rival) -> None:
    gone = Card("ens99", MINE)
    assert holder(gone, ASKED) == ""
    assert answers(gone, ASKED, GATEWAY)
