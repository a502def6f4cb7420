"""Bundles of authorities: what can be trusted, what is odd, and what would spoil the store."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from agent.certs.bundle import oddities
from agent.settings.accept import accept
from agent.values.pem import Block
from tests.fakes.issuer import NOW, chain_of, issue

ROOT = chain_of(2)[-1]
NO_CERTIFICATE = f"{Block('CERTIFICATE', bytes((0x30, 3, 2, 1, 1)))}\n"


def test_an_authority_is_nothing_odd() -> None:
    assert oddities(ROOT.pem, now=NOW) == ()


def test_a_servers_certificate_and_one_that_ended_are_told() -> None:
    now = datetime.now(UTC)
    ended = issue("old.example.com", begins=now - timedelta(days=9), ends=now - timedelta(days=1))
    found = " ".join(oddities(ROOT.pem + ended.pem))
    assert "old.example.com is not the certificate of an authority" in found
    assert f"ended on {now - timedelta(days=1):%Y-%m-%d}" in found
    told = accept({"node.ca_certificates": ended.pem})
    assert told.faults == ()
    assert len(told.notices) == 2
    assert told.settings.node.ca_certificates == ended.pem


@pytest.mark.parametrize("bundle", [NO_CERTIFICATE, ROOT.pem + NO_CERTIFICATE])
def test_what_would_spoil_the_whole_store_is_refused(bundle: str) -> None:
    with pytest.raises(ValueError, match=r"no X\.509 certificate"):
        _ = oddities(bundle)
    found = accept({"node.ca_certificates": bundle, "node.keyboard": "de"})
    assert [fault.setting for fault in found.faults] == ["node.ca_certificates"]
    assert found.settings.node.ca_certificates is None
    assert found.settings.node.keyboard == "de"
