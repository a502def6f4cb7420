"""The seed's side of a join: prove the credential first, then let one key in by it.

hello -> welcome (root, database time, nonce, the seed's proof)
join  -> joiner's proof checked -> one transaction: spend the credential, admit the key, sign, note
"""

from __future__ import annotations

from agent.certs.authority import issue_node, public_key_hash, public_key_of_request
from agent.cluster import credential, proof
from agent.cluster.member import Member
from agent.cluster.messages import VERSION, Hello, JoinRequest, Welcome
from agent.cluster.naming import member_name, node_name
from agent.cluster.nonces import Nonces
from agent.cluster.proof import Meeting
from agent.cluster.refusal import Code, refuse
from agent.cluster.seal import is_equal
from agent.cluster.store import cluster as clusters
from agent.cluster.store import event, key, node
from agent.cluster.store.cluster import ClusterRow
from agent.cluster.store.cluster_key import ClusterKeyRow
from agent.cluster.store.node import NodeRow, NodeState, Taken
from agent.cluster.store.token import TokenRow, Use
from agent.cluster.vouch import check, vouch
from agent.errors import RefusedByPeer
from agent.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from agent.cluster.store.pool import Connection


def welcome(member: Member, nonces: Nonces, hello: Hello) -> Welcome:
    """Says nothing that a stranger may not know, but proves that it knows the credential."""
    if hello.version != VERSION:
        raise refuse(Code.VERSION)
    with member.transaction() as connection:
        cluster = member.cluster(connection)
        if not cluster.joining_open:
            raise refuse(Code.JOINING_CLOSED)
        row = credential.find(connection, hello.token)
        time_s = f"{clusters.time_s(connection):.3f}"
    nonce = nonces.issue(hello.token, hello.nonce)
    meeting = Meeting(member.root_hash, member.served_hash, hello.nonce, nonce)
    return Welcome(
        cluster_id=cluster.id,
        cluster_name=cluster.name,
        root=member.root_pem,
        time_s=time_s,
        nonce=nonce,
        proof=proof.seed_proof(
            credential.proof_key(member, row), meeting, cluster_id=cluster.id, time_s=time_s
        ),
    )


def admit(member: Member, nonces: Nonces, request: JoinRequest, *, source: str) -> str:
    """The certificate for the joiner's key; the same key asking again gets the same one."""
    contact = nonces.take(request.nonce)
    if contact is None or contact.token != request.token:
        raise refuse(Code.THROTTLED, "this contact is too old", hint="say hello again")
    meeting = Meeting(member.root_hash, member.served_hash, contact.joiner_nonce, request.nonce)
    try:
        with member.transaction() as connection:
            cluster = member.cluster(connection)
            if not cluster.joining_open:
                raise refuse(Code.JOINING_CLOSED)
            row = credential.find(connection, request.token)
            proof_key = credential.proof_key(member, row)
            expected = proof.joiner_proof(proof_key, meeting, *request.content())
            if not is_equal(expected.encode(), request.proof.encode()):
                raise refuse(Code.PROOF)
            return _let_in(member, connection, cluster, row, request, source)
    except Taken as taken:
        raise _taken(member, taken, request) from taken


def _let_in(
    member: Member,
    connection: Connection,
    cluster: ClusterRow,
    row: TokenRow | ClusterKeyRow,
    request: JoinRequest,
    source: str,
) -> str:
    public = _public_key(request)
    key_hash = public_key_hash(public)
    if key.is_buried(connection, key_hash):
        raise refuse(Code.KEY_REFUSED)
    credential.spend(connection, row, Use(request.token, key_hash, request.name, source))
    _ = node.lapse(connection, after_s=member.site.timing.pending_s)
    known = node.by_key(connection, key_hash)
    if known is not None and not _is_outdated(check(member.keyring, known), request):
        return known.certificate
    if known is not None:
        node.remove_pending(connection, known.id)
    made = _new_row(member, cluster, request, public)
    node.insert(connection, vouch(member.keyring, made))
    words = f"{made.name} at {made.peer_address} was let in from {source} by {request.token}"
    _ = event.append(connection, member.writer(), "join", words)
    return made.certificate


def _new_row(member: Member, cluster: ClusterRow, request: JoinRequest, public: str) -> NodeRow:
    """The request gives a public key and where the node is; its certificate is our template."""
    certificate = issue_node(
        member.root(cluster),
        public,
        node_id=request.node_id,
        names=(member_name(cluster.id), node_name(cluster.id, request.node_id)),
        addresses=(),
        now=member.site.clock.now(),
    )
    return NodeRow(
        id=request.node_id,
        name=request.name,
        public_key=public,
        key_hash=public_key_hash(public),
        wrap_key=bytes.fromhex(request.wrap_key),
        peer_address=request.peer_address,
        addresses=list(request.addresses),
        certificate=certificate,
        state=NodeState.PENDING,
        software=request.software,
    )


def _is_outdated(known: NodeRow, request: JoinRequest) -> bool:
    """A node that never got further, and has another name or address by now, starts afresh."""
    return known.state == NodeState.PENDING and (
        (known.name, known.peer_address, known.addresses, known.wrap_key.hex(), known.id)
        != (
            *(request.name, request.peer_address, list(request.addresses)),
            *(request.wrap_key, request.node_id),
        )
    )


def _public_key(request: JoinRequest) -> str:
    try:
        return public_key_of_request(request.request)
    except ValueError as error:
        raise refuse(Code.KEY_REFUSED, str(error)) from error


def _taken(member: Member, taken: Taken, request: JoinRequest) -> RefusedByPeer:
    """Names the node that is in the way."""
    if taken.what == "key":
        return refuse(Code.KEY_REFUSED, "a node with this identity is in the cluster already")
    value = request.name if taken.what == "name" else request.peer_address
    with member.transaction() as connection:
        holder = node.holder_of(connection, taken.what, value)
    who = (
        f"the node {holder.name} at {holder.peer_address} ({holder.state})" if holder else "a node"
    )
    code = Code.NAME_TAKEN if taken.what == "name" else Code.ADDRESS_TAKEN
    return refuse(
        code,
        f"{who} has the {taken.what} {value} already",
        hint=f"give this node another {taken.what}, or remove the other one",
    )
