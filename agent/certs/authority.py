"""Keys, requests, and what the cluster's own authority issues; keys are P-256, texts are PEM."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from agent.certs import template
from agent.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes

ROOT_LIFE = timedelta(days=3650)
NODE_LIFE = timedelta(days=30)
# A joiner whose clock is a little behind still finds its certificate valid.
CLOCK_SLACK = timedelta(hours=1)

_BLOCK = re.compile(r"-----BEGIN ([A-Z0-9 ]+)-----([A-Za-z0-9+/=\s]+)-----END \1-----")


@dataclass(frozen=True)
class KeyPair:
    """A certificate and its key; `repr` never shows the key."""

    certificate_pem: str
    key_pem: str = field(repr=False)


def new_key() -> str:
    """A fresh P-256 key as unencrypted PKCS#8."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    return (
        ec.generate_private_key(ec.SECP256R1())
        .private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        .decode()
    )


def own_key(key_pem: str) -> ec.EllipticCurvePrivateKey:
    """A key that `new_key` made."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = serialization.load_pem_private_key(key_pem.encode(), password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise TypeError("a key of this cluster is a P-256 key")
    return key


def public_key(key_pem: str) -> str:
    """The public half of a key."""
    return _public_pem(own_key(key_pem).public_key())


def request(key_pem: str) -> str:
    """A signing request with an empty subject: a public key, and proof of its private half."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization

    made = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([]))
    signed = made.sign(own_key(key_pem), hashes.SHA256())
    return signed.public_bytes(serialization.Encoding.PEM).decode()


def public_key_of_request(csr_pem: str) -> str:
    """The public key that a request proves; everything else in it is ignored.

    Raises ValueError with a sentence when it is unreadable, unproven or not P-256.
    """
    from cryptography import x509
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

    try:
        read = x509.load_pem_x509_csr(csr_pem.encode())
        proven = read.is_signature_valid
        key = read.public_key()
    except (
        ValueError,
        TypeError,
        LookupError,
        UnsupportedAlgorithm,
        InvalidSignature,
        x509.InvalidVersion,
    ) as error:
        raise ValueError("the signing request cannot be read") from error
    if not proven:
        raise ValueError("the signing request is not signed by the key that it names")
    return _public_pem(_require_p256(key))


def public_key_of_certificate(certificate_pem: str) -> str:
    """The public key that a certificate (the first of a chain) is about."""
    from cryptography import x509

    return _public_pem(x509.load_pem_x509_certificate(certificate_pem.encode()).public_key())


def new_root(cluster_id: str, *, now: datetime) -> KeyPair:
    """A cluster's own authority: it signs node certificates and no further authority."""
    key_pem = new_key()
    key = own_key(key_pem)
    name = template.common_name(f"Bandstand cluster {cluster_id}")
    builder = template.new(
        name, name, key.public_key(), not_before=now - CLOCK_SLACK, not_after=now + ROOT_LIFE
    )
    return KeyPair(template.signed(template.for_authority(builder), key), key_pem)


def issue_node(
    root: KeyPair,
    public_key_pem: str,
    *,
    node_id: str,
    names: Sequence[str],
    addresses: Sequence[str],
    now: datetime,
) -> str:
    """A member's certificate, client and server, made from our template alone.

    Raises ValueError with a sentence when the key is not P-256 or an address is none.
    """
    from cryptography import x509

    issuer = x509.load_pem_x509_certificate(root.certificate_pem.encode())
    builder = template.new(
        template.common_name(node_id),
        issuer.subject,
        _load_public(public_key_pem),
        not_before=now - CLOCK_SLACK,
        not_after=now + NODE_LIFE,
    )
    builder = template.for_server(builder, also_client=True)
    builder = template.issued_by(builder, issuer)
    return template.signed(template.holding_for(builder, names, addresses), own_key(root.key_pem))


def fingerprint(certificate_pem: str) -> str:
    """SHA-256 over the first certificate, as hexadecimal."""
    return der_fingerprint(_der(certificate_pem, "CERTIFICATE"))


def der_fingerprint(certificate_der: bytes) -> str:
    """SHA-256 over a certificate as it travels in TLS, as hexadecimal."""
    return hashlib.sha256(certificate_der).hexdigest()


def public_key_hash(public_key_pem: str) -> str:
    """SHA-256 over a public key (SubjectPublicKeyInfo), as hexadecimal."""
    return hashlib.sha256(_der(public_key_pem, "PUBLIC KEY")).hexdigest()


def _load_public(public_key_pem: str) -> ec.EllipticCurvePublicKey:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives import serialization

    try:
        key = serialization.load_pem_public_key(public_key_pem.encode())
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise ValueError("the public key cannot be read") from error
    return _require_p256(key)


def _require_p256(key: object) -> ec.EllipticCurvePublicKey:
    from cryptography.hazmat.primitives.asymmetric import ec

    if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1):
        return key
    raise ValueError("the key of a node must be on the curve P-256")


def _public_pem(public: CertificatePublicKeyTypes) -> str:
    from cryptography.hazmat.primitives import serialization

    return public.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    ).decode()


def _der(text: str, kind: str) -> bytes:
    for found in _BLOCK.finditer(text):
        if found.group(1) == kind:
            try:
                return base64.b64decode("".join(found.group(2).split()), validate=True)
            except binascii.Error as error:
                raise ValueError(f"the {kind} block is not base64") from error
    raise ValueError(f"there is no {kind} block in it")
