"""Which pair is wanted, and when the live one will do."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from agent.settings.secret import Secret
from agent.settings.tls import Tls
from agent.steps.step import key_of
from agent.tls.plan import Live, Observed, Source, plan

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
