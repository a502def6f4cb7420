"""What a joiner proves that it knows: a join string, for one node once, or a cluster key."""

from __future__ import annotations

from agent.cluster import cluster_key
from agent.cluster.member import Member
from agent.cluster.refusal import Code, refuse
from agent.cluster.store import cluster_key as keys
from agent.cluster.store import token as tokens
from agent.cluster.store.cluster_key import ClusterKeyRow
from agent.cluster.store.token import TokenRow, Use
from agent.errors import RefusedByPeer
from agent.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from agent.cluster.store.pool import Connection


def find(connection: Connection, credential_id: str) -> TokenRow | ClusterKeyRow:
    """Raises RefusedByPeer for one that the cluster does not know."""
    found = tokens.find(connection, credential_id) or keys.find(connection, credential_id)
    if found is None:
        raise refuse(Code.UNKNOWN)
    return found


def proof_key(member: Member, row: TokenRow | ClusterKeyRow) -> bytes:
    is_key = isinstance(row, ClusterKeyRow)
    about = cluster_key.about(row.id) if is_key else f"proof key {row.id}"
    return member.keyring.unseal(row.proof_key, about=about)


def spend(connection: Connection, row: TokenRow | ClusterKeyRow, use: Use) -> None:
    """Let one key in by it, as one statement decides; raises RefusedByPeer where that says no."""
    if isinstance(row, ClusterKeyRow):
        if not keys.use(connection, row.id):
            raise refuse(
                Code.REVOKED,
                "the cluster key was revoked",
                hint="make a new one on a member: bandstand cluster key create",
            )
    elif not tokens.consume(connection, use):
        raise _unusable(tokens.find(connection, row.id) or row)


def _unusable(token: TokenRow) -> RefusedByPeer:
    """Why the one statement that decides said no."""
    if token.revoked_at:
        return refuse(Code.REVOKED)
    if token.used_by_key:
        by = f" by {token.used_from} at {token.used_at:%Y-%m-%d %H:%M} UTC"
        return refuse(Code.USED, f"the join string was used already,{by}")
    if token.is_expired:
        return refuse(Code.EXPIRED, f"the join string expired at {token.expires_at:%H:%M} UTC")
    return refuse(Code.OTHER_NAME, f"the join string is for the node {token.bound_name} only")
