"""Resolvers asked one by one: who answers, however, is there."""

from __future__ import annotations

import errno
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import IPv4Address, IPv6Address
from typing import Any

import pytest

from agent.system import resolver
from agent.system.clock import Clock
from agent.system.run import run
from tests.fakes.namespace import own_network

pytestmark = pytest.mark.outside

_HERE, _NOWHERE = IPv4Address("127.0.0.1"), IPv4Address("127.0.0.9")
_REFUSED = b"\x81\x05"


@contextmanager
def _answering(head: bytes, *, number: bytes | None = None) -> Iterator[int]:
    """One answer: the number of the question, or another, and then `head`."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.bind((str(_HERE), 0))

        def answer() -> None:
            data, sender = line.recvfrom(512)
            _ = line.sendto((number or data[:2]) + head + data[4:], sender)

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        yield int(line.getsockname()[1])
        thread.join(5)


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resolver, "_AGAIN_S", (0.3,))


def test_a_refusal_is_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    with _answering(_REFUSED) as port:
        monkeypatch.setattr(resolver, "_PORT", port)
        found = resolver.silent((_HERE, _NOWHERE), Clock(), source=_HERE)
    assert found == (_NOWHERE,)


@pytest.mark.parametrize(
    ("head", "number"), [(b"\x01\x00", None), (_REFUSED, b"\xff\xff"), (_REFUSED, b"\x00\x00")]
)
def test_what_is_no_answer_to_this_question_is_none(
    monkeypatch: pytest.MonkeyPatch, head: bytes, number: bytes | None
) -> None:
    def drawn(_: int) -> bytes:
        return b"\x12\x34"

    monkeypatch.setattr("os.urandom", drawn)
    with _answering(head, number=number) as port:
        monkeypatch.setattr(resolver, "_PORT", port)
        assert resolver.silent((_HERE,), Clock()) == (_HERE,)


def test_who_has_nobody_to_ask_answers_for_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """A forwarder whose own resolver is cut off leaves the first of two questions unanswered."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.bind((str(_HERE), 0))
        asked: list[bytes] = []

        def answer() -> None:
            while True:
                data, sender = line.recvfrom(512)
                asked.append(data)
                if b"version" in data:
                    _ = line.sendto(data[:2] + b"\x81\x00" + data[4:], sender)
                    return

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        monkeypatch.setattr(resolver, "_PORT", int(line.getsockname()[1]))
        assert resolver.silent((_HERE,), Clock()) == ()
        thread.join(5)
    assert [b"version" in data for data in asked] == [False, True]


@pytest.mark.node
def test_a_link_local_one_is_known_by_whatever_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on loopback, the only card of this network that surely has one."""
    with own_network():
        _ = run("ip", "link", "set", "lo", "up")
        _ = run("ip", "address", "add", "fe80::53/64", "dev", "lo", "nodad")
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as line:
            line.bind(("fe80::53", 0, 0, 1))

            def answer() -> None:
                data, sender = line.recvfrom(512)
                _ = line.sendto(data[:2] + _REFUSED + data[4:], sender)

            thread = threading.Thread(target=answer, daemon=True)
            thread.start()
            monkeypatch.setattr(resolver, "_PORT", int(line.getsockname()[1]))
            assert resolver.silent((IPv6Address("fe80::53%1"),), Clock()) == ()
            thread.join(5)


def test_a_kernel_without_ipv6_still_asks_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    real = socket.socket

    def without(family: int, *args: Any, **options: Any) -> socket.socket:
        if family == socket.AF_INET6:
            raise OSError(errno.EAFNOSUPPORT, "Address family not supported by protocol")
        return real(family, *args, **options)

    other = IPv6Address("2001:db8::53")
    with _answering(_REFUSED) as port:
        monkeypatch.setattr(resolver, "_PORT", port)
        monkeypatch.setattr(socket, "socket", without)
        assert resolver.silent((_HERE, other), Clock()) == (other,)


def test_nobody_to_ask() -> None:
    assert resolver.silent((), Clock()) == ()
