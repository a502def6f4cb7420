"""Bundles of authorities."""

from __future__ import annotations

from datetime import timedelta

import pytest

from agent.certs.authorities import examine_authorities
from tests.fakes.issuer import NOW, issue

GOOD = issue("good", is_authority=True)
PAST = issue("past", begins=NOW - timedelta(days=9), ends=NOW - timedelta(days=1))


def test_a_bundle_in_date_has_nothing_to_be_said() -> None:
    assert examine_authorities(GOOD.pem, now=NOW) == ()


def test_one_that_has_expired_is_named() -> None:
    assert examine_authorities(GOOD.pem + PAST.pem, now=NOW) == (
        "the certificate of CN=past has expired, and is of no use",
    )


def test_a_bundle_of_the_past_is_refused() -> None:
    with pytest.raises(ValueError, match="have all expired; accepted is"):
        _ = examine_authorities(PAST.pem, now=NOW)


@pytest.mark.parametrize("text", ["", "hello", GOOD.pem[:100]])
def test_what_cannot_be_read_is_a_sentence(text: str) -> None:
    with pytest.raises(ValueError, match="the certificate cannot be read"):
        _ = examine_authorities(text, now=NOW)
