"""Ports of other machines, all asked at once and no longer than asked for."""

from __future__ import annotations

import socket

import pytest

from agent.system import reach
from agent.system.clock import Clock
from agent.system.reach import Port, closed

pytestmark = pytest.mark.outside


def test_who_listens_is_reached_and_the_others_are_told_why() -> None:
    with socket.socket() as door, socket.socket() as other:
        door.bind(("127.0.0.1", 0))
        door.listen()
        other.bind(("127.0.0.1", 0))
        open_, shut = (Port("127.0.0.1", line.getsockname()[1]) for line in (door, other))
        found = closed((open_, shut, open_), Clock(), timeout_s=5)
    assert found == {shut: "nothing listens there"}


def test_a_name_that_nobody_knows() -> None:
    asked = Port("nobody.invalid", 13000)
    assert set(closed((asked,), Clock(), timeout_s=10)) == {asked}


def test_who_never_answers_costs_no_more_than_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()

    def hang(*_: object) -> str:
        clock.pause(2)
        return ""

    monkeypatch.setattr(reach, "_problem", hang)
    began_s = clock.monotonic_s()
    asked = Port("192.0.2.1", 1)
    assert closed((asked,), clock, timeout_s=0.1) == {asked: "no answer within 0.1 seconds"}
    assert clock.monotonic_s() - began_s < 1.5


def test_an_address_of_ipv6_is_written_with_brackets() -> None:
    assert str(Port("2001:db8::1", 5432)) == "[2001:db8::1]:5432"
    assert str(Port("db.test", 5432)) == "db.test:5432"
