"""Certificates as the world outside issues them: chains, odd keys, wrong dates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import NameOID

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Issued:
    """A certificate, its key, and their PEM texts."""

    certificate: x509.Certificate
    key: Key

    @property
    def pem(self) -> str:
        return self.certificate.public_bytes(serialization.Encoding.PEM).decode()

    @property
    def key_pem(self) -> str:
        return key_pem(self.key)

    @property
    def sha256(self) -> str:
        return self.certificate.fingerprint(hashes.SHA256()).hex()


def key_pem(key: Key, *, passphrase: bytes | None = None, traditional: bool = False) -> str:
    form = serialization.PrivateFormat
    return key.private_bytes(
        serialization.Encoding.PEM,
        form.TraditionalOpenSSL if traditional else form.PKCS8,
        serialization.BestAvailableEncryption(passphrase)
        if passphrase
        else serialization.NoEncryption(),
    ).decode()


def issue(
    name: str = "www.example.com",
    *,
    by: Issued | None = None,
    key: Key | None = None,
    begins: datetime = NOW - timedelta(days=1),
    ends: datetime = NOW + timedelta(days=90),
    is_authority: bool = False,
    purposes: Sequence[x509.ObjectIdentifier] = (),
) -> Issued:
    """Signed by `by`, else by itself; `purposes` are its extended key usage, if any."""
    own = key or ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    signer = by.key if by else own
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(by.certificate.subject if by else subject)
        .public_key(own.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(ends)
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
    )
    if purposes:
        builder = builder.add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
    plain = isinstance(signer, ed25519.Ed25519PrivateKey)
    return Issued(builder.sign(signer, None if plain else hashes.SHA256()), own)


def chain_of(length: int) -> list[Issued]:
    """Leaf first, then each one's issuer; the last one is a root."""
    made = [issue("root", is_authority=True)]
    for number in range(length - 2):
        made.append(issue(f"intermediate {number}", by=made[-1], is_authority=True))
    if length > 1:
        made.append(issue(by=made[-1]))
    return list(reversed(made))
