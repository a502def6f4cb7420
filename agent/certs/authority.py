"""Keys, requests, and what the cluster's own authority issues; keys are P-256, texts are PEM."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes

ROOT_LIFE = timedelta(days=3650)
NODE_LIFE = timedelta(days=30)
# A joiner whose clock is a little behind still finds its certificate valid.
CLOCK_SLACK = timedelta(hours=1)

_BLOCK = re.compile(r"-----BEGIN ([A-Z0-9 ]+)-----\s*([A-Za-z0-9+/=\s]+?)\s*-----END \1-----")


@dataclass(frozen=True)
class KeyPair:
    """A certificate and its key; `repr` never shows the key."""

    certificate_pem: str
    key_pem: str

    def __repr__(self) -> str:
        return f"KeyPair({fingerprint(self.certificate_pem)[:16]}…)"


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


def public_key(key_pem: str) -> str:
    """The public half of a key."""
    return _public_pem(_own_key(key_pem).public_key())


def request(key_pem: str) -> str:
    """A signing request with an empty subject: a public key, and proof of its private half."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization

    made = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([]))
    signed = made.sign(_own_key(key_pem), hashes.SHA256())
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
    except (ValueError, TypeError, UnsupportedAlgorithm, InvalidSignature) as error:
        raise ValueError("the signing request cannot be read") from error
    if not proven:
        raise ValueError("the signing request is not signed by the key that it names")
    return _public_pem(_require_p256(key))


def new_root(cluster_id: str, *, now: datetime) -> KeyPair:
    """A cluster's own authority: it signs node certificates and no further authority."""
    from cryptography import x509

    key_pem = new_key()
    key = _own_key(key_pem)
    name = _name(f"Bandstand cluster {cluster_id}")
    builder = (
        _template(name, key.public_key(), now=now, life=ROOT_LIFE)
        .issuer_name(name)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
    )
    return KeyPair(_signed(builder, key), key_pem)


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
    public = _load_public(public_key_pem)
    builder = (
        _template(_name(node_id), public, now=now, life=NODE_LIFE)
        .issuer_name(issuer.subject)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(client_and_server(), critical=False)
        .add_extension(_issued_by(issuer), critical=False)
    )
    if names or addresses:
        builder = builder.add_extension(subject_names(names, addresses), critical=False)
    return _signed(builder, _own_key(root.key_pem))


def public_key_of_certificate(certificate_pem: str) -> str:
    """The public key that a certificate (the first of a chain) is about."""
    from cryptography import x509

    return _public_pem(x509.load_pem_x509_certificate(certificate_pem.encode()).public_key())


def fingerprint(certificate_pem: str) -> str:
    """SHA-256 over the first certificate, as hexadecimal."""
    return der_fingerprint(_der(certificate_pem, "CERTIFICATE"))


def der_fingerprint(certificate_der: bytes) -> str:
    """SHA-256 over a certificate as it travels in TLS, as hexadecimal."""
    return hashlib.sha256(certificate_der).hexdigest()


def public_key_hash(public_key_pem: str) -> str:
    """SHA-256 over a public key (SubjectPublicKeyInfo), as hexadecimal."""
    return hashlib.sha256(_der(public_key_pem, "PUBLIC KEY")).hexdigest()


def subject_names(names: Sequence[str], addresses: Sequence[str]) -> x509.SubjectAlternativeName:
    """The names a certificate holds for, as its extension."""
    from cryptography import x509

    return x509.SubjectAlternativeName(
        [
            *(x509.DNSName(name) for name in names),
            *(x509.IPAddress(ip_address(address)) for address in addresses),
        ]
    )


def client_and_server() -> x509.ExtendedKeyUsage:
    from cryptography import x509
    from cryptography.x509.oid import ExtendedKeyUsageOID

    return x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH])


def _template(
    subject: x509.Name,
    public: ec.EllipticCurvePublicKey,
    *,
    now: datetime,
    life: timedelta,
) -> x509.CertificateBuilder:
    from cryptography import x509

    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - CLOCK_SLACK)
        .not_valid_after(now + life)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    from cryptography import x509

    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _issued_by(issuer: x509.Certificate) -> x509.AuthorityKeyIdentifier:
    from cryptography import x509

    found = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
    return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(found.value)


def _name(common_name: str) -> x509.Name:
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _signed(builder: x509.CertificateBuilder, key: ec.EllipticCurvePrivateKey) -> str:
    from cryptography.hazmat.primitives import hashes, serialization

    made = builder.sign(key, hashes.SHA256())
    return made.public_bytes(serialization.Encoding.PEM).decode()


def _own_key(key_pem: str) -> ec.EllipticCurvePrivateKey:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = serialization.load_pem_private_key(key_pem.encode(), password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise TypeError("a key of this cluster is a P-256 key")
    return key


def _load_public(public_key_pem: str) -> ec.EllipticCurvePublicKey:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives import serialization

    try:
        key = serialization.load_pem_public_key(public_key_pem.encode())
    except (ValueError, UnsupportedAlgorithm) as error:
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
