"""Why a join was refused: the codes of the peer API, each a sentence and a hint."""

from __future__ import annotations

from enum import StrEnum

from agent.errors import BandstandError, RefusedByPeer


class Code(StrEnum):
    """The codes of interfaces.md, section 6."""

    UNREACHABLE = "unreachable"
    PROOF = "proof"
    WRONG_CLUSTER = "wrong-cluster"
    CLOCK_SKEW = "clock-skew"
    VERSION = "version"
    UNKNOWN = "token-unknown"
    EXPIRED = "token-expired"
    USED = "token-used"
    REVOKED = "token-revoked"
    OTHER_NAME = "token-name"
    JOINING_CLOSED = "joining-closed"
    NAME_TAKEN = "name-taken"
    ADDRESS_TAKEN = "address-taken"
    KEY_REFUSED = "key-refused"
    CALL_BACK_FAILED = "call-back-failed"
    DATABASE_UNREACHABLE = "database-unreachable"
    FULL = "full"
    THROTTLED = "throttled"


# What trying again later does not mend: another join string, name or cluster is needed.
FINAL = frozenset(
    {
        Code.PROOF,
        Code.WRONG_CLUSTER,
        Code.VERSION,
        Code.UNKNOWN,
        Code.EXPIRED,
        Code.USED,
        Code.REVOKED,
        Code.OTHER_NAME,
        Code.NAME_TAKEN,
        Code.ADDRESS_TAKEN,
        Code.KEY_REFUSED,
    }
)

_NEW_STRING = "make a new join string on a member: bandstand cluster token create"
_WORDS: dict[Code, tuple[str, str]] = {
    Code.PROOF: (
        "the other side does not know this join string or cluster key",
        "use one that this cluster made; somebody may stand between",
    ),
    Code.WRONG_CLUSTER: (
        "that is another cluster than the one this node belongs to",
        "leave the first one before joining another",
    ),
    Code.VERSION: (
        "the other side speaks another version of the protocol",
        "bring both nodes to the same version",
    ),
    Code.UNKNOWN: (
        "the cluster does not know this join string or cluster key",
        f"{_NEW_STRING}, or key create",
    ),
    Code.EXPIRED: ("the join string has expired", _NEW_STRING),
    Code.USED: ("the join string was used by another node already", _NEW_STRING),
    Code.REVOKED: ("the join string was revoked", _NEW_STRING),
    Code.OTHER_NAME: (
        "the join string was made for a node of another name",
        "rename this node, or make a join string for its name",
    ),
    Code.JOINING_CLOSED: (
        "the cluster does not take new nodes now",
        "ask the administrator of the cluster to open joining",
    ),
    Code.KEY_REFUSED: (
        "the cluster refuses the key of this node",
        "the node was removed once; deployed anew it has a new key",
    ),
    Code.FULL: ("the cluster cannot take another node", "remove one that is gone for good"),
    Code.THROTTLED: ("too many tries from this address", "wait a second and try again"),
}


def refuse(code: Code, message: str = "", *, hint: str = "") -> RefusedByPeer:
    """The refusal of that code, in its own words unless better ones are given."""
    words, advice = _WORDS.get(code, (str(code), ""))
    return RefusedByPeer(message or words, hint=hint or advice, code=code)


def is_final(error: BandstandError) -> bool:
    """Whether trying the same again is pointless."""
    return error.code in FINAL
