"""The cluster's authority, its requests and certificates, as OpenSSL judges them."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509 import verification
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.certs import authority
from tests.fakes.issuer import NOW, issue, key_pem

ROOT = authority.new_root("7d0b", now=NOW)
NODE_KEY = authority.new_key()
NODE_ID = "6f1d2a1e-0c51-4a7e-9a55-0c3b2f0c9d11"


def _issue(**changes: object) -> x509.Certificate:
    values = {"node_id": NODE_ID, "names": ["n1"], "addresses": ["192.0.2.1"], "now": NOW} | changes
    made = authority.issue_node(ROOT, authority.public_key(NODE_KEY), **values)  # type: ignore[arg-type]
    return x509.load_pem_x509_certificate(made.encode())


def _verifier() -> verification.PolicyBuilder:
    root = x509.load_pem_x509_certificate(ROOT.certificate_pem.encode())
    return verification.PolicyBuilder().store(verification.Store([root])).time(NOW)


def test_a_member_is_good_as_server_and_as_client() -> None:
    made = _issue()
    _verifier().build_server_verifier(x509.DNSName("n1")).verify(made, [])
    _verifier().build_client_verifier().verify(made, [])


def test_a_member_is_what_the_template_says() -> None:
    made = _issue(names=["n1", "n1.example.com"], addresses=["192.0.2.1", "2001:db8::1"])
    assert made.subject.rfc4514_string() == f"CN={NODE_ID}"
    assert made.not_valid_before_utc == NOW - timedelta(hours=1)
    assert made.not_valid_after_utc == NOW + timedelta(days=30)
    constraints = made.extensions.get_extension_for_class(x509.BasicConstraints)
    assert constraints.critical
    assert not constraints.value.ca
    uses = made.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert set(uses) == {ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH}
    named = made.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert named.get_values_for_type(x509.DNSName) == ["n1", "n1.example.com"]
    assert [str(one) for one in named.get_values_for_type(x509.IPAddress)] == [
        "192.0.2.1",
        "2001:db8::1",
    ]


def test_a_member_signs_nobody() -> None:
    member = authority.issue_node(
        ROOT,
        authority.public_key(NODE_KEY),
        node_id=NODE_ID,
        names=["n1"],
        addresses=[],
        now=NOW,
    )
    forged = authority.issue_node(
        authority.KeyPair(member, NODE_KEY),
        authority.public_key(authority.new_key()),
        node_id="mallory",
        names=["n1"],
        addresses=[],
        now=NOW,
    )
    with pytest.raises(verification.VerificationError):
        _verifier().build_client_verifier().verify(
            x509.load_pem_x509_certificate(forged.encode()),
            [x509.load_pem_x509_certificate(member.encode())],
        )


def test_another_root_is_another_root() -> None:
    other = authority.new_root("7d0b", now=NOW)
    made = authority.issue_node(
        other, authority.public_key(NODE_KEY), node_id="x", names=["n1"], addresses=[], now=NOW
    )
    with pytest.raises(verification.VerificationError):
        _verifier().build_client_verifier().verify(
            x509.load_pem_x509_certificate(made.encode()), []
        )


def test_a_request_gives_its_public_key_and_nothing_else() -> None:
    csr = authority.request(NODE_KEY)
    assert list(x509.load_pem_x509_csr(csr.encode()).subject) == []
    assert authority.public_key_of_request(csr) == authority.public_key(NODE_KEY)


def test_a_request_that_asks_for_more_still_gives_only_its_key() -> None:
    key = authority.own_key(NODE_KEY)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "root of all")])
    greedy = (
        x509.CertificateSigningRequestBuilder()
        .subject_name(name)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
        .public_bytes(serialization.Encoding.PEM)
        .decode()
    )
    public = authority.public_key_of_request(greedy)
    made = authority.issue_node(ROOT, public, node_id=NODE_ID, names=[], addresses=[], now=NOW)
    issued = x509.load_pem_x509_certificate(made.encode())
    assert not issued.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert issued.subject.rfc4514_string() == f"CN={NODE_ID}"


def test_a_request_under_a_borrowed_key_is_refused() -> None:
    """The public key of one, signed by another: the bytes of the key are swapped in the DER."""
    mine, theirs = authority.new_key(), authority.new_key()
    form = (serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    own = authority.own_key(mine).public_key().public_bytes(*form)
    borrowed = authority.own_key(theirs).public_key().public_bytes(*form)
    der = x509.load_pem_x509_csr(authority.request(mine).encode()).public_bytes(
        serialization.Encoding.DER
    )
    forged = x509.load_der_x509_csr(der.replace(own, borrowed))
    with pytest.raises(ValueError, match="not signed by the key"):
        authority.public_key_of_request(forged.public_bytes(serialization.Encoding.PEM).decode())


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_other_request_is_a_sentence(noise: bytes) -> None:
    with pytest.raises(ValueError, match="signing request"):
        authority.public_key_of_request(noise.decode("utf-8", errors="replace"))


@settings(max_examples=100, deadline=None)
@given(st.integers(min_value=0))
def test_a_damaged_request_is_a_sentence(seed: int) -> None:
    noise = random.Random(seed)
    damaged = list(authority.request(NODE_KEY))
    damaged[noise.randrange(len(damaged))] = chr(noise.randrange(32, 127))
    try:
        found = authority.public_key_of_request("".join(damaged))
    except ValueError as error:
        assert "sign" in str(error) or "P-256" in str(error)
    else:
        assert found == authority.public_key(NODE_KEY)


def test_only_p256_is_signed() -> None:
    big = rsa.generate_private_key(65537, 2048)
    pem = big.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    with pytest.raises(ValueError, match="P-256"):
        authority.issue_node(ROOT, pem.decode(), node_id="x", names=[], addresses=[], now=NOW)
    signed = (
        x509.CertificateSigningRequestBuilder()
        .subject_name(x509.Name([]))
        .sign(big, hashes.SHA256())
        .public_bytes(serialization.Encoding.PEM)
    )
    with pytest.raises(ValueError, match="P-256"):
        authority.public_key_of_request(signed.decode())


def test_fingerprints_agree_with_the_library() -> None:
    made = issue()
    assert authority.fingerprint(f"some words before\n{made.pem}") == made.sha256
    der = made.certificate.public_bytes(serialization.Encoding.DER)
    assert authority.der_fingerprint(der) == made.sha256
    assert authority.public_key_of_certificate(made.pem) == authority.public_key(key_pem(made.key))


def test_a_fingerprint_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="no CERTIFICATE block"):
        authority.fingerprint(NODE_KEY)


def test_the_hash_of_a_public_key_does_not_depend_on_its_lines() -> None:
    public = authority.public_key(NODE_KEY)
    head, *body, foot = public.strip().splitlines()
    rewrapped = "\n".join([head, *["".join(body)], foot])
    assert authority.public_key_hash(public) == authority.public_key_hash(rewrapped)
    assert authority.public_key_hash(public) != authority.public_key_hash(
        authority.public_key(authority.new_key())
    )


def test_keys_are_not_shown() -> None:
    assert "PRIVATE" not in repr(ROOT)
