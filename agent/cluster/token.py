"""Join strings: made by any member, shown once, listed and revoked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from agent.cluster import proof
from agent.cluster.member import Member
from agent.cluster.naming import split_address
from agent.cluster.store import event, node
from agent.cluster.store import token as tokens
from agent.cluster.store.node import NodeState
from agent.cluster.store.token import NewToken, TokenRow
from agent.errors import Fault, InputRefused, NotNow
from agent.settings.secret import Secret
from agent.values import join_string
from agent.values.join_string import MOST_SEEDS, Seed, generate
from agent.values.names import parse_node_name

DEFAULT_MINUTES = 30
SHORTEST_MINUTES = 5
LONGEST_MINUTES = 24 * 60


@dataclass(frozen=True)
class Issued:
    """A join string as it is shown, once."""

    id: str
    join_string: Secret
    expires_at: datetime


def create(member: Member, *, minutes: float = DEFAULT_MINUTES, name: str | None = None) -> Issued:
    """For one node, which must have `name` if one is given."""
    faults = list(_minutes_faults(minutes))
    try:
        name = _bound_name(name)
    except ValueError as error:
        faults.append(Fault("name", f"{name!r} {error}; accepted is a host name such as node-2"))
    if faults:
        raise InputRefused(tuple(faults))
    with member.transaction() as connection:
        _ = member.cluster(connection)
        made = generate(_seeds(member, node.read_all(connection)))
        token_id = proof.token_id(made.secret)
        key = proof.proof_key(made.secret)
        sealed = member.keyring.seal(key, about=f"proof key {token_id}")
        row = NewToken(token_id, sealed, name, member.identity.id, minutes * 60)
        expires_at = tokens.insert(connection, row)
        words = f"a join string was made{f' for {name}' if name else ''}: {token_id}"
        _ = event.append(connection, member.writer(), "token", words)
    return Issued(token_id, Secret(join_string.format(made)), expires_at)


def _minutes_faults(minutes: float) -> Iterator[Fault]:
    if not SHORTEST_MINUTES <= minutes <= LONGEST_MINUTES:
        accepted = f"accepted is {SHORTEST_MINUTES} to {LONGEST_MINUTES} minutes"
        yield Fault("minutes", f"{minutes:g} minutes are not offered; {accepted}")


def _bound_name(name: str | None) -> str | None:
    """A node asks under its host name, whatever domain it is in. Raises ValueError."""
    return None if name is None else parse_node_name(name).partition(".")[0]


def list_all(member: Member) -> list[TokenRow]:
    with member.transaction() as connection:
        return tokens.read_all(connection)


def revoke(member: Member, token_id: str) -> None:
    """Raises NotNow when there is no open one of that id."""
    with member.transaction() as connection:
        found = tokens.find(connection, token_id)
        if found is None:
            raise NotNow(f"there is no join string {token_id}", hint="bandstand cluster token list")
        if not tokens.revoke(connection, token_id):
            raise NotNow(f"the join string {token_id} is {found.state} already")
        _ = event.append(connection, member.writer(), "token", f"{token_id} was revoked")


def _seeds(member: Member, nodes: list[node.NodeRow]) -> tuple[Seed, ...]:
    """Our own address first, then those of active nodes that were heard of lately."""
    lost_s = member.site.timing.lost_s
    others = [
        row.peer_address
        for row in nodes
        if row.id != member.identity.id
        and row.state == NodeState.ACTIVE
        and row.seen_s is not None
        and row.seen_s < lost_s
    ]
    own = next(row.peer_address for row in nodes if row.id == member.identity.id)
    return tuple(Seed(*split_address(address)) for address in (own, *others)[:MOST_SEEDS])
