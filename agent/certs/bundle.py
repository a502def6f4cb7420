"""A bundle of authorities to trust: that every part of it can be read, and what is odd about it."""

from __future__ import annotations

from datetime import UTC, datetime

from cryptography import x509


def oddities(bundle_pem: str, *, now: datetime | None = None) -> tuple[str, ...]:
    """What to say of a bundle that can be used. Raises ValueError where a part is no certificate:
    a program that reads the system's store gives up at such a one, and trusts nobody any more.
    """
    try:
        found = x509.load_pem_x509_certificates(bundle_pem.encode())
        return tuple(word for one in found for word in _odd(one, now or datetime.now(UTC)))
    except ValueError as error:
        raise ValueError("holds a block that is no X.509 certificate") from error


def _odd(certificate: x509.Certificate, now: datetime) -> tuple[str, ...]:
    name = certificate.subject.rfc4514_string() or "a certificate without a name"
    words: list[str] = []
    if not _signs_others(certificate):
        words.append(f"{name} is not the certificate of an authority")
    if certificate.not_valid_after_utc < now:
        words.append(f"{name} ended on {certificate.not_valid_after_utc:%Y-%m-%d}")
    return tuple(words)


def _signs_others(certificate: x509.Certificate) -> bool:
    try:
        constraints = certificate.extensions.get_extension_for_class(x509.BasicConstraints)
    except x509.ExtensionNotFound:
        # Roots of version 1 have no extensions.
        return certificate.issuer == certificate.subject
    return constraints.value.ca
