"""The joiner's side of the wire: a seed met as a stranger, then the cluster spoken to strictly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from agent.certs.authority import der_fingerprint, fingerprint
from agent.cluster import messages, proof, standing
from agent.cluster.identity import KEY_FILE
from agent.cluster.messages import Hello, Welcome
from agent.cluster.naming import member_name, node_name, split_address
from agent.cluster.proof import Meeting
from agent.cluster.refusal import Code, refuse
from agent.cluster.seal import is_equal
from agent.errors import BandstandError, NotReachable, RefusedByPeer, UsageError
from agent.system.files import Files
from agent.system.http import Reply, Talk, Trust
from agent.typed import Any
from agent.values.join_string import JoinString, Seed

_OK = 200


@dataclass(frozen=True)
class Proven:
    """A seed that knows the join string, and what both have seen of this contact."""

    welcome: Welcome
    meeting: Meeting


def hello(talk: Talk, join: JoinString) -> Proven:
    """Send an id and a nonce; raises RefusedByPeer where the answer's proof does not fit."""
    nonce = proof.new_nonce()
    reply = talk.post("/v1/hello", messages.to_json(Hello(proof.token_id(join.secret), nonce)))
    try:
        welcome = messages.read_welcome(_content(reply))
        root_hash = fingerprint(welcome.root)
    except (UsageError, ValueError) as error:
        raise NotReachable(f"{talk.address} does not answer as a seed does") from error
    if welcome.version != messages.VERSION:
        raise refuse(Code.VERSION)
    meeting = Meeting(root_hash, der_fingerprint(reply.certificate_der), nonce, welcome.nonce)
    expected = proof.seed_proof(
        proof.proof_key(join.secret),
        meeting,
        cluster_id=welcome.cluster_id,
        time_s=welcome.time_s,
    )
    if not is_equal(expected.encode(), welcome.proof.encode()):
        shown = f"it showed the certificate {meeting.served_hash[:16]}…"
        raise refuse(
            Code.PROOF, f"{talk.address} could not prove that it knows this secret; {shown}"
        )
    return Proven(welcome, meeting)


def stranger(seed: Seed) -> Talk:
    """A connection on which nothing is believed yet."""
    return Talk(seed.host, seed.port, trust=None)


def strict(files: Files, seed: Seed, cluster_id: str, *, mutual: bool) -> Talk:
    """Only the cluster's root counts, and only a member answers to the name."""
    return Talk(seed.host, seed.port, trust=_trust(files, member_name(cluster_id), mutual=mutual))


def dial(files: Files, cluster_id: str, node_id: str, peer_address: str) -> str:
    """Call one node as a member does; the fingerprint of the certificate that answered."""
    host, port = split_address(peer_address)
    trust = _trust(files, node_name(cluster_id, node_id), mutual=True)
    with Talk(host, port, trust=trust, timeout_s=5) as talk:
        return der_fingerprint(talk.get("/v1/alive").certificate_der)


def ask(talk: Talk, path: str, content: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """POST with a content, else GET; raises what the other side answered with."""
    return _content(talk.get(path) if content is None else talk.post(path, content))


def _trust(files: Files, name: str, *, mutual: bool) -> Trust:
    root = files.place(standing.ROOT_FILE)
    if not mutual:
        return Trust(root, name)
    certificate, key = files.path(standing.CERTIFICATE_FILE), files.path(KEY_FILE)
    return Trust(root, name, str(certificate), str(key))


def _content(reply: Reply) -> dict[str, Any]:
    if reply.status == _OK:
        return reply.content
    said = reply.content
    code, message = str(said.get("code", "failed")), str(said.get("message", ""))
    hint = str(said.get("hint", ""))
    raise _error(code, message or f"the answer was {reply.status}", hint)


def _error(code: str, message: str, hint: str) -> BandstandError:
    if code in {Code.UNREACHABLE, Code.DATABASE_UNREACHABLE}:
        return NotReachable(message, hint=hint, code=code)
    return RefusedByPeer(message, hint=hint, code=code)
