"""A login ends ten minutes after the last request, and one that is over is not prolonged."""

from __future__ import annotations

from agent.access.session import Session
from tests.fakes.clock import FakeClock


def is_in(session: Session) -> bool:
    return session.is_logged_in


def test_it_ends_by_itself() -> None:
    clock = FakeClock()
    session = Session(clock)
    assert not is_in(session)
    session.log_in()
    clock.pass_s(599)
    assert is_in(session)
    clock.pass_s(1)
    assert not is_in(session)


def test_a_request_prolongs_it_while_it_lasts() -> None:
    clock = FakeClock()
    session = Session(clock)
    session.renew()
    assert not is_in(session)
    session.log_in()
    clock.pass_s(500)
    session.renew()
    clock.pass_s(500)
    assert is_in(session)
    clock.pass_s(100)
    session.renew()
    assert not is_in(session)


def test_who_logs_out_is_out() -> None:
    session = Session(FakeClock())
    session.log_in()
    session.log_out()
    assert not is_in(session)
