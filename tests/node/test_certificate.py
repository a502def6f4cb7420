"""The operator's own certificate, and one whose key is another's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.fakes.issuer import Issued, issue
from tests.lab import checks
from tests.lab.fleet import Fleet

pytestmark = pytest.mark.node

_NAME = "board.lab"


def _issue(by: Issued | None = None, *, is_authority: bool = False) -> Issued:
    now = datetime.now(UTC)
    return issue(
        _NAME if by else "authority",
        by=by,
        begins=now - timedelta(days=1),
        ends=now + timedelta(days=90),
        is_authority=is_authority,
    )


def test_a_given_pair_is_served(fleet: Fleet) -> None:
    authority = _issue(is_authority=True)
    given = _issue(authority)
    chain_backwards_on_one_line = (authority.pem + given.pem).replace("\n", " ")
    container = fleet.make(
        "given", {"tls.certificate": chain_backwards_on_one_line, "tls.key": given.key_pem}
    )
    node = fleet.boot(container)
    ok, saw = checks.served(node)
    assert ok, saw
    assert node.get("/cluster").sha256 == given.sha256
    certificate = node.status()["certificate"]
    assert certificate["names"] == [_NAME]
    assert given.key_pem.splitlines()[1] not in node.check("journalctl", "-b", "--no-pager")
    container.power_off()


def test_a_key_of_another_certificate_is_refused(fleet: Fleet) -> None:
    authority = _issue(is_authority=True)
    properties = {
        "tls.certificate": _issue(authority).pem,
        "tls.key": _issue(authority).key_pem,
    }
    container = fleet.make("mismatched", properties)
    node = fleet.boot(container)
    status = node.status()
    assert {fault["setting"].partition(".")[0] for fault in status["faults"]} == {"tls"}
    assert status["certificate"]["source"] == "self-signed"
    assert node.get("/cluster").status == 200
    container.power_off()
