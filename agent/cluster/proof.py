"""What both sides of a first contact prove to each other: that they know the join string.

The secret never travels. Each proof is an HMAC under a key derived from it, over what both have
seen: the cluster's root, the certificate that this very connection showed (RFC 5929,
tls-server-end-point), and a nonce of each side; the seed proves first.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass

from agent.cluster.seal import derive, mac

_ID_BYTES = 8
_NONCE_BYTES = 16


@dataclass(frozen=True)
class Meeting:
    """One contact as both sides saw it; hashes are SHA-256 in hexadecimal."""

    root_hash: str
    served_hash: str
    joiner_nonce: str
    seed_nonce: str


def token_id(secret: bytes) -> str:
    """What names a join string without giving it away."""
    return hashlib.sha256(secret).digest()[:_ID_BYTES].hex()


def proof_key(secret: bytes) -> bytes:
    return derive(secret, "join proof")


def new_nonce() -> str:
    return secrets.token_hex(_NONCE_BYTES)


def seed_proof(key: bytes, meeting: Meeting, *, cluster_id: str, time_s: str) -> str:
    """`time_s` is the database's time as the text that travels."""
    return mac(key, "seed", *_parts(meeting), cluster_id, time_s).hex()


def joiner_proof(key: bytes, meeting: Meeting, *content: str) -> str:
    """Binds the joiner's own keys, and all else that it says, to the contact."""
    return mac(key, "join", *_parts(meeting), *content).hex()


def _parts(meeting: Meeting) -> tuple[str, ...]:
    return (meeting.root_hash, meeting.served_hash, meeting.joiner_nonce, meeting.seed_nonce)
