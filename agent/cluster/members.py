"""The members as any of them sees the table, for status on every face."""

from __future__ import annotations

from dataclasses import dataclass

from agent.cluster.member import Member
from agent.cluster.seal import Tampered
from agent.cluster.store import node
from agent.cluster.store.node import NodeRow, NodeState
from agent.cluster.vouch import check
from agent.typed import Any

LOST = "lost"
TAMPERED = "tampered"


@dataclass(frozen=True)
class Listed:
    """One line of the list; `last_seen_s` is the age of its last heartbeat, None for never."""

    id: str
    name: str
    address: str
    state: str
    last_seen_s: float | None
    config_version: int

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "name": self.name,
            "address": self.address,
            "state": self.state,
            "last_seen_s": self.last_seen_s,
            "config_version": self.config_version,
        }


def members(member: Member) -> tuple[Listed, ...]:
    with member.transaction() as connection:
        rows = node.read_all(connection)
    return tuple(_listed(member, row) for row in rows)


def _listed(member: Member, row: NodeRow) -> Listed:
    seen_s = None if row.seen_s is None else round(max(row.seen_s, 0.0), 1)
    return Listed(
        row.id, row.name, row.peer_address, _state(member, row), seen_s, row.config_version
    )


def _state(member: Member, row: NodeRow) -> str:
    """Lost is seen, not stored: the owner comes back by its next heartbeat."""
    try:
        _ = check(member.keyring, row)
    except Tampered:
        return TAMPERED
    is_silent = row.seen_s is None or row.seen_s > member.site.timing.lost_s
    return LOST if row.state == NodeState.ACTIVE and is_silent else row.state
