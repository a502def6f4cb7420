"""A given certificate and key: readable, matching, strong enough, in order, and in date."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from agent.typed import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.types import (
        CertificatePublicKeyTypes,
        PrivateKeyTypes,
        PublicKeyTypes,
    )

Read = TypeVar("Read")

_BEGIN = "-----BEGIN CERTIFICATE-----"
_SOON = timedelta(days=30)
_RSA_BITS = 2048
_CURVES = ("secp256r1", "secp384r1", "secp521r1")
# OpenSSL, as Debian ships it, does not serve what these signed (security level 2).
_WEAK_DIGESTS = ("md5", "sha1")
# What cryptography raises for certificates that are damaged within.
_UNREADABLE = (ValueError, TypeError, LookupError)


@dataclass(frozen=True)
class Pair:
    """A chain, leaf first, and its key as unencrypted PKCS#8; `sha256` is the leaf's, in hex."""

    certificate_pem: str
    key_pem: str = field(repr=False)
    names: tuple[str, ...]
    not_before: datetime
    not_after: datetime
    sha256: str


class Purpose(StrEnum):
    """What a certificate is shown as."""

    SERVER = "server"
    CLIENT = "client"


class KeyRefused(ValueError):
    """What is wrong is the key alone, whatever certificate it came with."""


class PairRefused(ValueError):
    """All that is wrong with it: `key` and `certificate` each have a sentence, or are blank."""

    def __init__(self, refused: Sequence[ValueError]) -> None:
        self.key = "; ".join(str(one) for one in refused if isinstance(one, KeyRefused))
        self.certificate = "; ".join(str(one) for one in refused if not isinstance(one, KeyRefused))
        super().__init__("; ".join(map(str, refused)))


def examine(
    certificate_pem: str,
    key_pem: str,
    *,
    now: datetime | None = None,
    purpose: Purpose = Purpose.SERVER,
) -> Pair:
    """The pair in its normal form; raises PairRefused with all that is wrong with it."""
    refused: list[ValueError] = []
    certificates = _tried(refused, load_certificates, certificate_pem)
    key = _tried(refused, _load_key, key_pem)
    if certificates is None:
        raise PairRefused(refused)
    leaf = None if key is None else _tried(refused, _own, certificates, key)
    chain = _chain(leaf or _lowest(certificates), certificates)
    refused += map(ValueError, _defects(chain, now, purpose))
    if refused or key is None:
        raise PairRefused(refused)
    return _pair(chain, key)


def examine_alone(
    certificate_pem: str, *, now: datetime | None = None, purpose: Purpose = Purpose.SERVER
) -> None:
    """The same of a certificate whose key is not there; raises ValueError."""
    certificates = load_certificates(certificate_pem)
    wrong = list(_defects(_chain(_lowest(certificates), certificates), now, purpose))
    if wrong:
        raise ValueError("; ".join(wrong))


def _defects(
    chain: Sequence[x509.Certificate], now: datetime | None, purpose: Purpose
) -> Iterator[str]:
    """What is wrong with it whatever the key."""
    yield from _weak(chain)
    yield from _out_of_date(chain, now or datetime.now(UTC))
    yield from _other_uses(chain[0], purpose)


def _tried(refused: list[ValueError], read: Callable[..., Read], *given: object) -> Read | None:
    try:
        return read(*given)
    except ValueError as error:
        refused.append(error)
        return None


def _lowest(certificates: Sequence[x509.Certificate]) -> x509.Certificate:
    """The one that issued no other, where no key tells which is the node's own."""
    issuers = [one.issuer for one in certificates if one.issuer != one.subject]
    return next((one for one in certificates if one.subject not in issuers), certificates[0])


def _out_of_date(chain: Sequence[x509.Certificate], moment: datetime) -> Iterator[str]:
    leaf, now = chain[0], f"this machine says it is {_day(moment)}"
    if leaf.not_valid_after_utc < moment:
        yield f"the certificate expired on {_day(leaf.not_valid_after_utc)}; {now}"
    if leaf.not_valid_before_utc > moment:
        yield f"the certificate is valid from {_day(leaf.not_valid_before_utc)} on; {now}"
    for one in _between(chain):
        if not one.not_valid_before_utc <= moment <= one.not_valid_after_utc:
            yield (
                f"{named(one)}, which the certificate is issued by, holds from "
                f"{_day(one.not_valid_before_utc)} to {_day(one.not_valid_after_utc)}; {now}"
            )


def remarks(pair: Pair, *, given: str, now: datetime | None = None) -> Iterator[str]:
    """What is worth saying of a pair that is served all the same; `given` is its PEM before."""
    others = given.count(_BEGIN) - pair.certificate_pem.count(_BEGIN)
    if others:
        yield f"{others} of the certificates given are no link of its chain, and left out"
    left = pair.not_after - (now or datetime.now(UTC))
    if left < _SOON:
        yield f"it expires on {_day(pair.not_after)}, in {left.days} days"


def _other_uses(leaf: x509.Certificate, purpose: Purpose) -> Iterator[str]:
    """A certificate that says what it is for, and not for this, is one that nobody takes."""
    from cryptography import x509
    from cryptography.x509.oid import ExtendedKeyUsageOID

    try:
        purposes = leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except _no_extension():
        return
    wanted = {
        Purpose.SERVER: ExtendedKeyUsageOID.SERVER_AUTH,
        Purpose.CLIENT: ExtendedKeyUsageOID.CLIENT_AUTH,
    }
    fit = (wanted[purpose], ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE)
    if not any(one in fit for one in purposes):
        yield (
            f"the certificate is not for {purpose}s: it names other uses (extended key usage); "
            f"accepted is one for {purpose} authentication"
        )


def read_pair(certificate_pem: str, key_pem: str) -> Pair:
    """As `examine`, without its dates: one that was accepted in time is served until replaced.

    Raises ValueError with a sentence for the first thing that is wrong.
    """
    certificates = load_certificates(certificate_pem)
    key = _load_key(key_pem)
    chain = _chain(_own(certificates, key), certificates)
    weak = list(_weak(chain))
    if weak:
        raise ValueError("; ".join(weak))
    return _pair(chain, key)


def _pair(chain: Sequence[x509.Certificate], key: PrivateKeyTypes) -> Pair:
    from cryptography.hazmat.primitives import hashes, serialization

    leaf = chain[0]
    return Pair(
        "".join(one.public_bytes(serialization.Encoding.PEM).decode() for one in chain),
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ).decode(),
        names_of(leaf),
        leaf.not_valid_before_utc,
        leaf.not_valid_after_utc,
        leaf.fingerprint(hashes.SHA256()).hex(),
    )


def _weak(chain: Sequence[x509.Certificate]) -> Iterator[str]:
    yield from _weak_key(chain[0].public_key())
    yield from _weak_signatures(chain)
    yield from _weak_above(chain)


def load_certificates(text: str) -> list[x509.Certificate]:
    """All of them, with the parts that are read later only on demand already looked at."""
    from cryptography import x509
    from cryptography.exceptions import UnsupportedAlgorithm

    try:
        found = x509.load_pem_x509_certificates(text.encode())
        for one in found:
            _ = one.public_key(), one.subject, one.issuer
            _ = one.not_valid_before_utc, one.not_valid_after_utc
    except UnsupportedAlgorithm as error:
        raise ValueError(f"the certificate has a key that cannot be served: {error}") from error
    except (*_UNREADABLE, x509.InvalidVersion) as error:
        raise ValueError(
            "the certificate cannot be read; accepted is PEM, from BEGIN CERTIFICATE to END "
            "CERTIFICATE, with its chain"
        ) from error
    return found


def _load_key(text: str) -> PrivateKeyTypes:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives import serialization

    if "ENCRYPTED" in text:
        raise KeyRefused(
            "the key is encrypted with a passphrase; accepted is a key without one "
            "(openssl pkey -in KEY -out PLAIN takes it off)"
        )
    try:
        return serialization.load_pem_private_key(text.encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise KeyRefused(
            "the key cannot be read; accepted is an unencrypted PEM key, from BEGIN PRIVATE KEY "
            "to END PRIVATE KEY (RSA and EC keys in their own PEM form too)"
        ) from error


def _own(certificates: Sequence[x509.Certificate], key: PrivateKeyTypes) -> x509.Certificate:
    leaf = _leaf(certificates, key)
    _prove(key, leaf)
    return leaf


def _leaf(certificates: Sequence[x509.Certificate], key: PrivateKeyTypes) -> x509.Certificate:
    """The one that the key belongs to, wherever it stands."""
    ours = public_key_sha256(key.public_key())
    for one in certificates:
        if public_key_sha256(one.public_key()) == ours:
            return one
    theirs = public_key_sha256(certificates[0].public_key())
    raise ValueError(
        "the key does not belong to the certificate: the certificate's public key is sha256 "
        f"{theirs}, that of the key is sha256 {ours}"
    )


def _prove(key: PrivateKeyTypes, leaf: x509.Certificate) -> None:
    """An EC key carries its public half beside it, so that only signing shows a damaged one."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec

    public = leaf.public_key()
    if not (
        isinstance(key, ec.EllipticCurvePrivateKey)
        and isinstance(public, ec.EllipticCurvePublicKey)
    ):
        return
    by = ec.ECDSA(hashes.SHA256())
    try:
        public.verify(key.sign(b"bandstand", by), b"bandstand", by)
    except InvalidSignature as error:
        raise KeyRefused(
            "the key is damaged: what it signs is not signed for its certificate"
        ) from error


def public_key_sha256(key: PublicKeyTypes) -> str:
    """SHA-256 over the SubjectPublicKeyInfo, as hexadecimal."""
    from cryptography.hazmat.primitives import serialization

    return hashlib.sha256(
        key.public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
    ).hexdigest()


def _chain(
    leaf: x509.Certificate, certificates: Sequence[x509.Certificate]
) -> list[x509.Certificate]:
    """From the leaf to whoever issued last; what belongs to no link is left out."""
    chain = [leaf]
    while True:
        above = [one for one in certificates if one not in chain and _issued(chain[-1], one)]
        if not above:
            return chain
        chain.append(above[0])


def _issued(below: x509.Certificate, above: x509.Certificate) -> bool:
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

    try:
        below.verify_directly_issued_by(above)
    except (*_UNREADABLE, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


def _weak_key(key: CertificatePublicKeyTypes) -> Iterator[str]:
    from cryptography.hazmat.primitives.asymmetric import ec, rsa

    if isinstance(key, rsa.RSAPublicKey):
        if key.key_size < _RSA_BITS:
            yield f"the key is RSA with {key.key_size} bits; accepted are {_RSA_BITS} and more"
    elif isinstance(key, ec.EllipticCurvePublicKey):
        if key.curve.name not in _CURVES:
            yield f"the key is on the curve {key.curve.name}; accepted are P-256, P-384 and P-521"
    else:
        yield "browsers take no key of this kind; accepted are RSA and EC keys"


def _weak_signatures(chain: Sequence[x509.Certificate]) -> Iterator[str]:
    for one in chain:
        digest = _digest(one)
        if one.issuer != one.subject and digest in _WEAK_DIGESTS:
            yield (
                f"the certificate of {named(one)} is signed with {digest}; "
                "accepted are SHA-256 and stronger"
            )


def _weak_above(chain: Sequence[x509.Certificate]) -> Iterator[str]:
    for one in _between(chain):
        for why in _weak_key(one.public_key()):
            yield f"{named(one)}, which the certificate is issued by: {why}"


def _between(chain: Sequence[x509.Certificate]) -> Iterator[x509.Certificate]:
    """Those above the leaf that whoever connects has to believe; a root he has himself."""
    return (one for one in chain[1:] if one.issuer != one.subject)


def named(certificate: x509.Certificate) -> str:
    """Its subject on one line, whatever was written into it."""
    text = certificate.subject.rfc4514_string()
    return text if text.isprintable() else ascii(text)


def _digest(certificate: x509.Certificate) -> str:
    """What its signature hashes with, where that is known."""
    from cryptography.exceptions import UnsupportedAlgorithm

    try:
        found = certificate.signature_hash_algorithm
    except UnsupportedAlgorithm:
        return ""
    return found.name if found else ""


def names_of(leaf: x509.Certificate) -> tuple[str, ...]:
    """What it holds for; very old ones say it in the common name only."""
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    try:
        found = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except _no_extension():
        common = leaf.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        return tuple(str(one.value) for one in common)
    addresses = (str(one) for one in found.get_values_for_type(x509.IPAddress))
    return (*found.get_values_for_type(x509.DNSName), *addresses)


def _no_extension() -> tuple[type[Exception], ...]:
    """What cryptography raises where an extension is absent, or not to be understood."""
    from cryptography import x509

    absent = (x509.ExtensionNotFound, x509.DuplicateExtension, x509.UnsupportedGeneralNameType)
    return (*_UNREADABLE, *absent)


def _day(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
