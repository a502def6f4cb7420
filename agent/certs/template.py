"""What our certificates are made of: names, uses and dates, the same wherever one is issued."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from ipaddress import ip_address

from agent.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import ec

# RFC 5280: a common name is no longer than this.
_COMMON_NAME = 64


def new(
    subject: x509.Name,
    issuer: x509.Name,
    public: ec.EllipticCurvePublicKey,
    *,
    not_before: datetime,
    not_after: datetime,
) -> x509.CertificateBuilder:
    """A certificate still without its uses; every one has its key's identifier."""
    from cryptography import x509

    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(not_before)
        .not_valid_after(not_after)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
    )


def for_authority(builder: x509.CertificateBuilder) -> x509.CertificateBuilder:
    """It signs certificates, but no further authority."""
    from cryptography import x509

    return builder.add_extension(
        x509.BasicConstraints(ca=True, path_length=0), critical=True
    ).add_extension(_usage(signs_certificates=True), critical=True)


def for_server(builder: x509.CertificateBuilder, *, also_client: bool) -> x509.CertificateBuilder:
    """It answers as a server, and with `also_client` calls as a client too."""
    from cryptography import x509
    from cryptography.x509.oid import ExtendedKeyUsageOID

    uses = [ExtendedKeyUsageOID.SERVER_AUTH]
    if also_client:
        uses.append(ExtendedKeyUsageOID.CLIENT_AUTH)
    return (
        builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage(uses), critical=False)
    )


def holding_for(
    builder: x509.CertificateBuilder, names: Sequence[str], addresses: Sequence[str]
) -> x509.CertificateBuilder:
    """Its subject alternative names; raises ValueError where an address is none."""
    from cryptography import x509

    found: list[x509.GeneralName] = [x509.DNSName(name) for name in names]
    found += [x509.IPAddress(ip_address(address)) for address in addresses]
    if not found:
        return builder
    return builder.add_extension(x509.SubjectAlternativeName(found), critical=False)


def issued_by(
    builder: x509.CertificateBuilder, issuer: x509.Certificate
) -> x509.CertificateBuilder:
    from cryptography import x509

    found = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
    named = x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(found.value)
    return builder.add_extension(named, critical=False)


def common_name(text: str) -> x509.Name:
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text[:_COMMON_NAME])])


def signed(builder: x509.CertificateBuilder, key: ec.EllipticCurvePrivateKey) -> str:
    """The finished certificate as PEM."""
    from cryptography.hazmat.primitives import hashes, serialization

    made = builder.sign(key, hashes.SHA256())
    return made.public_bytes(serialization.Encoding.PEM).decode()


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
