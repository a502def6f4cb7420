"""The public half of a recovery key, as it is pasted; and what would protect nothing."""

from __future__ import annotations

import base64

import pytest
from nacl.bindings import crypto_scalarmult

from agent.values import recovery_key

_HEAD = bytes.fromhex("302a300506032b656e032100")
# Alice's, of RFC 7748.
_ALICE = bytes.fromhex("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a")
_BODY = base64.b64encode(_HEAD + _ALICE).decode()
_PEM = f"-----BEGIN PUBLIC KEY-----\n{_BODY}\n-----END PUBLIC KEY-----\n"


@pytest.mark.parametrize(
    "text",
    [
        _PEM,
        _PEM.replace("\n", "\r\n"),
        _PEM.replace("\n", " "),
        "".join(_PEM.split()),
        _PEM.strip(),
        base64.b64encode(_PEM.encode()).decode(),
        f"X25519 Public-Key:\n{_PEM}",
        _BODY,
    ],
)
def test_every_shape_of_one_key_is_the_same(text: str) -> None:
    assert recovery_key.parse(text) == _PEM
    assert recovery_key.public_bytes(recovery_key.parse(text)) == _ALICE


@pytest.mark.parametrize("top", [0, 0x80])
@pytest.mark.parametrize("small", sorted(recovery_key.SMALL))
def test_points_that_lead_everybody_to_one_secret_are_refused(small: int, top: int) -> None:
    point = bytearray(small.to_bytes(32, "little"))
    point[31] |= top
    with pytest.raises(RuntimeError):
        _ = crypto_scalarmult(b"\x77" * 32, bytes(point))
    with pytest.raises(ValueError, match="protects nothing"):
        _ = recovery_key.parse(base64.b64encode(_HEAD + bytes(point)).decode())


def test_two_keys_are_one_too_many() -> None:
    with pytest.raises(ValueError, match="holds 2 public keys"):
        _ = recovery_key.parse(_PEM + _PEM)
