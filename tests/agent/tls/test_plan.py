"""Which pair is wanted, and when the live one will do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from agent.settings.secret import Secret
from agent.settings.tls import Tls
from agent.steps.step import key_of
from agent.tls.plan import Live, Observed, Source, due, plan

NOW = datetime(2026, 6, 1, tzinfo=UTC)
GIVEN = Tls(certificate="chain", key=Secret("hidden"))
OURS = Live("self-signed", frozenset({"n1", "192.0.2.1"}), "2027-06-01T00:00:00Z", "origin")
FRESH = Observed(("n1",), ("192.0.2.1",), None, NOW)
SETTLED = FRESH._replace(live=OURS)


def _with_live(**changes: object) -> Observed:
    return SETTLED._replace(live=OURS._replace(**changes))  # type: ignore[arg-type]


def test_a_fresh_node_makes_its_own() -> None:
    made = plan(Tls(), FRESH)
    assert made.source is Source.SELF_SIGNED
    assert (made.names, made.addresses, made.keep) == (("n1",), ("192.0.2.1",), False)


def test_its_own_is_kept_while_it_covers_names_and_addresses() -> None:
    assert plan(Tls(), SETTLED).keep
    assert plan(Tls(), _with_live(names=OURS.names | {"192.0.2.99"})).keep


@pytest.mark.parametrize(
    ("observed", "why"),
    [
        (SETTLED._replace(names=("n2",)), "does not name n2"),
        (SETTLED._replace(addresses=("192.0.2.8",)), "does not name 192.0.2.8"),
        (_with_live(not_after="2026-06-30T00:00:00Z"), "ends on 2026-06-30"),
        (_with_live(not_after="soon"), "ends on soon"),
        (_with_live(not_before="2035-01-01T00:00:00Z"), "begins only on 2035-01-01"),
        (_with_live(source="given"), "no pair is given any more"),
        (FRESH, "no pair yet"),
    ],
)
def test_what_makes_a_new_one_of_our_own(observed: Observed, why: str) -> None:
    made = plan(Tls(), observed)
    assert not made.keep
    assert why in made.why


def test_a_given_pair_is_taken_once() -> None:
    first = plan(GIVEN, SETTLED)
    assert (first.source, first.keep, first.why) == (Source.GIVEN, False, "another pair was given")
    assert plan(GIVEN, _with_live(source="given", origin=first.key)).keep


def test_a_given_pair_stays_when_it_has_ended_or_names_other_hosts() -> None:
    origin = key_of("given", "chain")
    live = _with_live(source="given", origin=origin, not_after="2020-01-01T00:00:00Z", names=())
    assert plan(GIVEN, live).keep


def test_another_given_pair_replaces_the_first() -> None:
    live = _with_live(source="given", origin=plan(GIVEN, FRESH).key)
    assert not plan(Tls(certificate="other chain", key=Secret("hidden")), live).keep


def test_a_certificate_without_key_is_not_given() -> None:
    assert plan(Tls(certificate="chain"), FRESH).source is Source.SELF_SIGNED


def test_the_plan_does_not_show_the_key() -> None:
    assert "hidden" not in repr(plan(GIVEN, FRESH))


def _ends_in(days: int, *, source: str = "self-signed") -> Observed:
    return _with_live(source=source, not_after=(NOW + timedelta(days=days)).isoformat())


@pytest.mark.parametrize(
    ("days", "is_due"), [(397, False), (31, False), (30, False), (29, True), (-1, True)]
)
def test_ours_is_due_thirty_days_before_its_end_and_keeps_its_key(days: int, is_due: bool) -> None:
    observed = _ends_in(days)
    assert bool(due(observed)) is is_due
    made = plan(Tls(), observed)
    assert (made.keep, made.keeps_key) == (not is_due, True)


def test_a_new_name_is_due_and_keeps_the_key() -> None:
    observed = SETTLED._replace(names=("n2",))
    assert "does not name n2" in due(observed)
    assert plan(Tls(), observed).keeps_key


@pytest.mark.parametrize("days", [29, -1])
def test_an_operators_pair_is_never_due(days: int) -> None:
    assert due(_ends_in(days, source="given")) == ""


def test_a_key_that_was_given_is_not_kept_for_a_certificate_of_ours() -> None:
    made = plan(Tls(), _with_live(source="given"))
    assert (made.keep, made.keeps_key) == (False, False)


def test_before_the_first_pair_and_without_an_address_nothing_is_due() -> None:
    assert due(FRESH) == ""
    assert due(_ends_in(1)._replace(addresses=())) == ""


def test_a_clock_before_the_build_date_does_not_judge() -> None:
    """Dated from the build date it is right at once, and still so when the clock is mended."""
    built = NOW
    dated = _with_live(
        not_before=built.isoformat(), not_after=(built + timedelta(days=397)).isoformat()
    )._replace(built=built)
    for now in (datetime(1970, 1, 1, tzinfo=UTC), built, built + timedelta(days=300)):
        assert due(dated._replace(now=now)) == ""
    assert "ends on" in due(dated._replace(now=built + timedelta(days=368)))
    near = dated._replace(built=built + timedelta(days=368), now=datetime(1970, 1, 1, tzinfo=UTC))
    assert "ends on" in due(near)
