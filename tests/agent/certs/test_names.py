"""Which names a certificate holds for."""

from __future__ import annotations

import pytest

from agent.certs.names import covers
from agent.certs.self_signed import self_signed
from tests.fakes.issuer import NOW

MADE = self_signed(
    ("node1.example.com", "*.lab.example.com"), ("192.0.2.7", "2001:db8::7"), now=NOW
)


@pytest.mark.parametrize(
    ("wanted", "is_covered"),
    [
        (["node1.example.com"], True),
        (["other.example.com", "node1.example.com"], True),
        (["n2.lab.example.com"], True),
        (["a.n2.lab.example.com"], False),
        (["lab.example.com"], False),
        (["node1"], False),
        (["192.0.2.7"], True),
        (["192.0.2.8"], False),
        (["2001:db8::7"], True),
        ([], False),
    ],
)
def test_names(wanted: list[str], is_covered: bool) -> None:
    assert covers(MADE.certificate_pem, wanted) is is_covered
