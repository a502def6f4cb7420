"""Which screen opens by itself, and when none does."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from firstboot.console.opening import wanted
from firstboot.console.world import Access, World

NOW = datetime(2026, 11, 21, tzinfo=UTC)
OPEN = Access(is_known=True, claim="unclaimed")
CLAIMED = Access(is_known=True, claim="claimed")
NO_LEASE: dict[str, Any] = {
    "faults": [{"code": "no-lease", "setting": "network"}],
    "network": {"addresses": []},
}
REFUSED = {"fallbacks": [{"category": "network", "took": "DHCP"}]}
TRIAL = {"trial": {"state": "waiting"}}


def world(status: dict[str, Any], access: Access = OPEN) -> World:
    return World(NOW, status=status, access=access)


@pytest.mark.parametrize(
    ("status", "noun"),
    [
        ({}, ""),
        ({"state": "ready", "network": {"addresses": ["192.0.2.1/24"]}}, ""),
        (NO_LEASE, "network"),
        ({**NO_LEASE, "faults": [{"code": "no-carrier", "setting": "network"}]}, "network"),
        ({**NO_LEASE, "network": {"addresses": ["192.0.2.1/24"]}}, ""),
        (REFUSED, "network"),
        ({"fallbacks": [{"category": "tls", "took": "self-signed"}]}, ""),
        ({"faults": [{"code": "silent", "setting": "network.dns"}]}, ""),
        (TRIAL, "trial"),
        ({**REFUSED, **TRIAL}, "trial"),
        ({"trial": {"state": "taken-back"}}, ""),
        ({"faults": "nonsense", "fallbacks": [7], "network": []}, ""),
    ],
)
def test_it_opens_where_nobody_can_go_on_by_the_network(status: dict[str, Any], noun: str) -> None:
    assert wanted(world(status)) == noun


@pytest.mark.parametrize(
    ("access", "noun"),
    [
        (Access(), ""),
        (CLAIMED, ""),
        (Access(is_known=True, claim="claimed", logged_in=True), "network"),
        (Access(is_known=True, claim="claimed", recovery=True), "network"),
        (Access(is_known=True, claim="claimed", wants_password=True), "network"),
    ],
)
def test_nothing_opens_before_who_may_is_known(access: Access, noun: str) -> None:
    assert wanted(world(REFUSED, access)) == noun


def test_a_console_that_is_off_opens_nothing() -> None:
    access = Access(is_known=True, claim="claimed", logged_in=True)

    assert wanted(world({**REFUSED, "node": {"console": False}}, access)) == ""
