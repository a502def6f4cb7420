"""The public half of a recovery key: X25519 in PEM, as `openssl pkey -pubout` writes it.

X25519, because the cluster's key is sealed to it as to any member (PyNaCl's sealed box).
"""

from __future__ import annotations

from agent.values import pem

# SubjectPublicKeyInfo of id-X25519 (RFC 8410), up to the key itself.
_HEAD = bytes.fromhex("302a300506032b656e032100")
_HEAD_BASE64 = "MCowBQYDK2VuAyEA"
_BYTES = 32
_FIELD = 2**255 - 19
# The points that any private key leads to the same secret by, which all the world then knows.
SMALL = frozenset(
    (
        *(0, 1, _FIELD - 1, _FIELD, _FIELD + 1),
        int.from_bytes(
            bytes.fromhex("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"),
            "little",
        ),
        int.from_bytes(
            bytes.fromhex("5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157"),
            "little",
        ),
    )
)


def parse(text: str) -> str:
    """The one public key, in clean PEM."""
    packed = "".join(text.split())
    if packed.startswith(_HEAD_BASE64):
        text = f"-----BEGIN {pem.PUBLIC_KEY}-----{packed}-----END {pem.PUBLIC_KEY}-----"
    blocks = pem.split(text)
    if any(pem.is_key(block) for block in blocks):
        raise ValueError("holds a private key; it stays with you, the public one goes here")
    keys = [block for block in blocks if block.label == pem.PUBLIC_KEY]
    if len(keys) != 1:
        raise ValueError(f"holds {len(keys) or 'no'} public keys, and one is wanted")
    _check(keys[0].data)
    return f"{keys[0]}\n"


def public_bytes(parsed: str) -> bytes:
    """The 32 bytes of the key, of its clean PEM; none of no text."""
    if not parsed:
        return b""
    return pem.split(parsed)[0].data.removeprefix(_HEAD)


def _check(data: bytes) -> None:
    if not data.startswith(_HEAD) or len(data) != len(_HEAD) + _BYTES:
        raise ValueError("holds a public key of another kind than X25519")
    # The highest bit does not count (RFC 7748, section 5).
    if int.from_bytes(data.removeprefix(_HEAD), "little") % 2**255 in SMALL:
        raise ValueError("holds an X25519 key that protects nothing")
