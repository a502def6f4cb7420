"""Two nodes, from nothing to two active members; and all that can go wrong on the way."""

from __future__ import annotations

from typing import Any

import pytest

from agent.accepted.store import Membership
from agent.cluster import token
from agent.cluster.draft import Wish
from agent.cluster.members import members
from agent.cluster.resident import parse
from agent.cluster.store.target import Target
from agent.status import merge
from agent.steps.run import untold
from agent.values.join_string import JoinString

pytestmark = pytest.mark.outside


def _untold(_: str) -> None:
    return None


def _begin(new_node: Any, target: Target) -> Any:
    first = new_node("one")
    _ = first.resident.init(Wish(target, name="demo", hostname="board.test"), tell=_untold)
    return first


def _string(first: Any, **wishes: Any) -> JoinString:
    return parse(token.create(first.resident.require_member(), **wishes).join_string)


def test_two_nodes_join_to_two_active_members(new_node: Any, target: Target) -> None:
    first = _begin(new_node, target)
    second = new_node("two")
    second.resident.join(_string(first), tell=untold)
    _ = first.resident.round()
    for node in (first, second):
        listed = members(node.resident.require_member())
        assert [(one.name, one.state) for one in listed] == [("one", "active"), ("two", "active")]
        assert node.change.membership is Membership.MEMBER
        assert merge.published(node.files)["cluster"]["state"] == "member"
    assert first.change.shared == second.change.shared
    assert first.change.shared["cluster.hostname"] == "board.test"
