"""Resolvers asked one by one: who answers, however, is there."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import IPv4Address

import pytest

from agent.system import resolver
from agent.system.clock import Clock

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


def test_nobody_to_ask() -> None:
    assert resolver.silent((), Clock()) == ()
