"""The texts that vSphere shows."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.status.outside import texts
from tests.agent.commands.test_status import READY


def test_a_ready_node() -> None:
    assert texts(READY) == {
        "state": "ready",
        "phase": "ready",
        "fault": "none",
        "address": "192.0.2.21",
        "url": "https://192.0.2.21/cluster",
        "fingerprint": ":".join(["AB"] * 32),
        "cluster": "none",
    }


def test_a_node_that_knows_nothing_yet() -> None:
    assert set(texts({}).values()) == {"none"}


def test_of_many_faults_the_first_is_told_and_the_others_counted() -> None:
    faults = [{"setting": "network.gateway", "message": "is far" * 80}, {"setting": "x"}, {}]
    told = texts({"faults": faults})["fault"]
    assert told.startswith("network.gateway: is far")
    assert told.endswith(" (and 2 more)")
    assert len(told) == 200


def test_a_member_names_its_cluster() -> None:
    assert texts({"cluster": {"state": "member", "name": "demo"}})["cluster"] == "member of demo"


@given(st.text(), st.text(), st.recursive(st.none() | st.text(), st.lists, max_leaves=5))
def test_whatever_is_told_is_one_short_line_of_plain_signs(one: str, two: str, odd: Any) -> None:
    told = texts(
        {
            "state": one,
            "faults": [{"setting": one, "message": two}, odd],
            "network": {"addresses": [one, odd]},
            "certificate": {"sha256": two},
            "cluster": {"state": "member", "name": two},
            "url": odd,
        }
    )
    for text in told.values():
        assert text.isascii()
        assert text.isprintable()
        assert 0 < len(text) <= 200
        assert not set(text) & set('"\\|')


@pytest.mark.parametrize("key", ["network", "certificate", "cluster", "faults"])
def test_a_foreign_shape_is_none(key: str) -> None:
    assert set(texts({key: 7}).values()) == {"none"}
