"""What keeps the cluster's secrets: keys derived, values sealed, rows vouched for, keys wrapped.

Everything hangs from one key-encryption key. It lies in the database only wrapped: to each
member's X25519 key (PyNaCl sealed box), and to a key derived from the recovery phrase.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from agent.errors import BandstandError
from agent.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric import ec

KEY_BYTES = 32
_NONCE_BYTES = 12


class Tampered(BandstandError):
    """What was read does not verify under the cluster's key."""

    code = "tampered"


@dataclass(frozen=True, repr=False)
class Keyring:
    """The key-encryption key of one version, and what is derived from it."""

    version: int
    key: bytes

    def seal(self, plain: bytes, *, about: str) -> bytes:
        """Encrypt; `about` says what it is and where it stands, and must be said again to open."""
        return seal(derive(self.key, "seal"), plain, about=about)

    def unseal(self, sealed: bytes, *, about: str) -> bytes:
        return unseal(derive(self.key, "seal"), sealed, about=about)

    def mac(self, *parts: str) -> bytes:
        return mac(derive(self.key, "mac"), *parts)

    def check_value(self) -> bytes:
        """Tells whether two keys are the same without showing either."""
        return mac(derive(self.key, "check"), str(self.version))

    def wrapped_for(self, public: bytes) -> bytes:
        return wrap(self.key, public)


def new_keyring() -> Keyring:
    return Keyring(1, secrets.token_bytes(KEY_BYTES))


def derive(key: bytes, purpose: str) -> bytes:
    """HKDF-SHA256: one key a purpose."""
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    info = f"bandstand 1 {purpose}".encode()
    return HKDF(algorithm=hashes.SHA256(), length=KEY_BYTES, salt=None, info=info).derive(key)


def seal(key: bytes, plain: bytes, *, about: str) -> bytes:
    """AES-256-GCM: nonce, then ciphertext."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plain, about.encode())


def unseal(key: bytes, sealed: bytes, *, about: str) -> bytes:
    """Raises Tampered."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    try:
        return AESGCM(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], about.encode())
    except (InvalidTag, ValueError) as error:
        raise Tampered(f"the sealed {about} does not open with the cluster's key") from error


def mac(key: bytes, *parts: str) -> bytes:
    """HMAC-SHA256 over the parts, each with its length, so that none runs into the next."""
    whole = b"".join(_counted(part.encode()) for part in parts)
    return hmac.digest(key, whole, "sha256")


def is_equal(one: bytes, other: bytes) -> bool:
    """In constant time."""
    return hmac.compare_digest(one, other)


def digest(*parts: str) -> str:
    """SHA-256 over the parts, as hexadecimal."""
    return hashlib.sha256(b"".join(_counted(part.encode()) for part in parts)).hexdigest()


def new_wrap_key() -> bytes:
    """A private X25519 key."""
    return secrets.token_bytes(KEY_BYTES)


def wrap_public(private: bytes) -> bytes:
    from nacl.public import PrivateKey

    return bytes(PrivateKey(private).public_key)


def wrap(key: bytes, public: bytes) -> bytes:
    """Seal to a public key; raises ValueError for what is no X25519 key."""
    from nacl.exceptions import CryptoError
    from nacl.public import PublicKey, SealedBox

    try:
        return bytes(SealedBox(PublicKey(public)).encrypt(key))
    except CryptoError as error:
        raise ValueError("the wrap key is no X25519 public key") from error


def unwrap(ciphertext: bytes, private: bytes) -> bytes:
    """Raises Tampered."""
    from nacl.exceptions import CryptoError
    from nacl.public import PrivateKey, SealedBox

    try:
        return bytes(SealedBox(PrivateKey(private)).decrypt(ciphertext))
    except (CryptoError, ValueError) as error:
        raise Tampered("the wrapped key does not open with this node's key") from error


def recovery_private(phrase: str) -> bytes:
    """The X25519 key of a recovery phrase; capitals, blanks and dashes do not matter."""
    plain = "".join(letter for letter in phrase.upper() if letter.isalnum())
    return derive(plain.encode(), "recovery")


def sign(key_pem: str, *parts: str) -> bytes:
    """With a node's identity key: ECDSA over P-256, SHA-256."""
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = serialization.load_pem_private_key(key_pem.encode(), password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise Tampered("the identity key of this node is not a P-256 key")
    return key.sign(digest(*parts).encode(), ec.ECDSA(hashes.SHA256()))


def is_signed(public_key_pem: str, signature: bytes, *parts: str) -> bool:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec

    try:
        _public(public_key_pem).verify(
            signature, digest(*parts).encode(), ec.ECDSA(hashes.SHA256())
        )
    except InvalidSignature:
        return False
    return True


def _public(public_key_pem: str) -> ec.EllipticCurvePublicKey:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = serialization.load_pem_public_key(public_key_pem.encode())
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise Tampered("the identity key of a node is not a P-256 key")
    return key


def _counted(part: bytes) -> bytes:
    return len(part).to_bytes(8, "big") + part


def listed(values: Sequence[str]) -> str:
    """A list as one part of a MAC."""
    return "\0".join(values)
