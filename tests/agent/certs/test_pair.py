"""What a given pair is held to, with pairs made here."""

from __future__ import annotations

import random
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.certs.authority import own_key
from agent.certs.pair import PairRefused, examine, examine_alone, named, read_pair
from agent.certs.self_signed import self_signed
from tests.fakes.issuer import NOW, Issued, chain_of, issue, key_pem

CHAIN = chain_of(4)
MINE = issue()
OTHER = issue("other.example.com")


def _subjects(pem: str) -> list[str]:
    found = x509.load_pem_x509_certificates(pem.encode())
    return [one.subject.rfc4514_string() for one in found]


def test_a_good_pair_is_told_as_it_is() -> None:
    made = issue()
    pair = examine(made.pem, made.key_pem, now=NOW)
    assert pair.sha256 == made.sha256
    assert pair.names == ("www.example.com",)
    assert pair.not_before == made.certificate.not_valid_before_utc
    assert pair.not_after == made.certificate.not_valid_after_utc
    assert pair.certificate_pem == made.pem


def test_the_key_is_not_shown() -> None:
    made = issue()
    assert "PRIVATE" not in repr(examine(made.pem, made.key_pem, now=NOW))


@settings(max_examples=40, deadline=None)
@given(st.permutations(CHAIN), st.booleans())
def test_any_order_becomes_leaf_first(shuffled: list[Issued], with_stranger: bool) -> None:
    given_pem = "\n".join(one.pem for one in shuffled)
    if with_stranger:
        given_pem = OTHER.pem + given_pem + shuffled[0].pem
    pair = examine(given_pem, CHAIN[0].key_pem, now=NOW)
    assert pair.certificate_pem == "".join(one.pem for one in CHAIN)


def test_a_missing_link_ends_the_chain() -> None:
    leaf, _, second, root = CHAIN
    pair = examine(root.pem + second.pem + leaf.pem, leaf.key_pem, now=NOW)
    assert _subjects(pair.certificate_pem) == ["CN=www.example.com"]


def test_a_cross_signed_ring_ends() -> None:
    one = issue("ring one", is_authority=True)
    two = issue("ring two", by=one, is_authority=True)
    back = issue("ring one", by=two, key=one.key, is_authority=True)
    leaf = issue(by=two)
    pair = examine(leaf.pem + back.pem + two.pem + one.pem, leaf.key_pem, now=NOW)
    assert _subjects(pair.certificate_pem)[:2] == ["CN=www.example.com", "CN=ring two"]


def test_a_foreign_key_is_refused_with_both_fingerprints() -> None:
    with pytest.raises(ValueError, match="does not belong") as caught:
        examine(CHAIN[0].pem, OTHER.key_pem, now=NOW)
    words = str(caught.value).split()
    found = [word.rstrip(",") for word in words if len(word.rstrip(",")) == 64]
    assert len(set(found)) == 2


@pytest.mark.parametrize("traditional", [False, True])
def test_an_encrypted_key_is_refused_by_name(traditional: bool) -> None:
    made = issue()
    locked = key_pem(made.key, passphrase=b"open sesame", traditional=traditional)
    with pytest.raises(ValueError, match="encrypted with a passphrase"):
        examine(made.pem, locked, now=NOW)


def test_keys_in_their_older_form_are_taken() -> None:
    made = issue()
    pair = examine(made.pem, key_pem(made.key, traditional=True), now=NOW)
    assert pair.key_pem == made.key_pem


@pytest.mark.parametrize(
    ("begins", "ends", "sentence"),
    [(-90, -1, "expired on 2026-05-31"), (1, 90, "valid from 2026-06-02")],
)
def test_dates_are_compared_with_this_machine(begins: int, ends: int, sentence: str) -> None:
    made = issue(begins=NOW + timedelta(days=begins), ends=NOW + timedelta(days=ends))
    with pytest.raises(ValueError, match=f"{sentence}.*this machine says it is 2026-06-01"):
        examine(made.pem, made.key_pem, now=NOW)
    assert read_pair(made.pem, made.key_pem).sha256 == made.sha256


def test_without_a_moment_the_clock_counts() -> None:
    made = issue(begins=datetime(2001, 1, 1, tzinfo=UTC), ends=datetime(2002, 1, 1, tzinfo=UTC))
    with pytest.raises(ValueError, match="expired on 2002-01-01"):
        examine(made.pem, made.key_pem)


@pytest.mark.parametrize(
    ("key", "sentence"),
    [
        (rsa.generate_private_key(65537, 1024), "RSA with 1024 bits; accepted are 2048"),
        (ec.generate_private_key(ec.SECP224R1()), "secp224r1; accepted are P-256"),
        (ed25519.Ed25519PrivateKey.generate(), "accepted are RSA and EC"),
    ],
)
def test_weak_and_odd_keys_are_refused(
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey, sentence: str
) -> None:
    made = issue(key=key)
    with pytest.raises(ValueError, match=sentence):
        examine(made.pem, made.key_pem, now=NOW)


WEAK = rsa.generate_private_key(65537, 1024)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"ends": NOW - timedelta(hours=1)}, "CN=middle, which .* holds from .* to 2026-06-01"),
        ({"begins": NOW + timedelta(hours=1)}, "CN=middle, which .* holds from 2026-06-01"),
        ({"key": WEAK}, "CN=middle, which .*: the key is RSA with 1024 bits"),
    ],
)
def test_what_is_wrong_above_the_certificate_is_refused(
    changes: dict[str, Any], sentence: str
) -> None:
    root = issue("root", is_authority=True)
    middle = issue("middle", by=root, is_authority=True, **changes)
    leaf = issue(by=middle)
    with pytest.raises(ValueError, match=sentence):
        examine(leaf.pem + middle.pem + root.pem, leaf.key_pem, now=NOW)


def test_a_root_is_for_those_who_connect_to_judge() -> None:
    root = issue("root", is_authority=True, key=WEAK, ends=NOW - timedelta(hours=1))
    leaf = issue(by=root)
    assert examine(leaf.pem + root.pem, leaf.key_pem, now=NOW).sha256 == leaf.sha256


def test_rsa_of_2048_bits_is_taken() -> None:
    made = issue(key=rsa.generate_private_key(65537, 2048))
    assert examine(made.pem, made.key_pem, now=NOW).sha256 == made.sha256


def test_a_signature_that_openssl_would_not_serve_is_refused() -> None:
    text = (Path(__file__).parents[2] / "fixtures/certs/signed-with-sha1.pem").read_text()
    with pytest.raises(ValueError, match="CN=old.example.com is signed with sha1; accepted are"):
        read_pair(text, text)


def test_a_certificate_for_clients_is_refused_but_read_again_once_it_was_taken() -> None:
    made = issue(purposes=[ExtendedKeyUsageOID.CLIENT_AUTH])
    with pytest.raises(ValueError, match="is not for servers"):
        examine(made.pem, made.key_pem, now=NOW)
    assert read_pair(made.pem, made.key_pem).sha256 == made.sha256
    for purpose in (ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE):
        fit = issue(purposes=[ExtendedKeyUsageOID.CLIENT_AUTH, purpose])
        assert examine(fit.pem, fit.key_pem, now=NOW).sha256 == fit.sha256


@pytest.mark.parametrize(
    ("key", "is_the_key"),
    [
        (MINE.key_pem.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY"), True),
        (MINE.key_pem[:60], True),
        (OTHER.key_pem, False),
    ],
)
def test_what_is_the_keys_fault_alone_is_told_apart(key: str, is_the_key: bool) -> None:
    with pytest.raises(PairRefused, match="the key") as caught:
        examine(MINE.pem, key, now=NOW)
    assert bool(caught.value.key) is is_the_key
    assert bool(caught.value.certificate) is not is_the_key


def test_all_that_is_wrong_is_told_at_once() -> None:
    ended = NOW - timedelta(days=1)
    above = issue("above", by=issue("root", is_authority=True), ends=ended, is_authority=True)
    made = issue(key=WEAK, by=above, ends=ended, purposes=[ExtendedKeyUsageOID.CLIENT_AUTH])
    sentences = [
        "the key is RSA with 1024 bits",
        "the certificate expired on 2026-05-31",
        "CN=above, which the certificate is issued by, holds from",
        "the certificate is not for servers",
    ]
    locked = key_pem(made.key, passphrase=b"open sesame")
    for key in (made.key_pem, OTHER.key_pem, locked):
        with pytest.raises(PairRefused) as caught:
            examine(above.pem + made.pem, key, now=NOW)
        told = caught.value.certificate
        assert [told.count(one) for one in sentences] == [1, 1, 1, 1]
        assert ("does not belong" in told) is (key == OTHER.key_pem)
        assert ("passphrase" in caught.value.key) is (key == locked)
    with pytest.raises(ValueError, match="expired on") as alone:
        examine_alone(above.pem + made.pem, now=NOW)
    assert [str(alone.value).count(one) for one in sentences] == [1, 1, 1, 1]
    examine_alone(CHAIN[1].pem + CHAIN[0].pem, now=NOW)


def test_a_certificate_and_a_key_that_cannot_be_read_are_two_faults() -> None:
    with pytest.raises(PairRefused) as caught:
        examine("nonsense", MINE.key_pem[:60], now=NOW)
    assert "cannot be read" in caught.value.certificate
    assert "cannot be read" in caught.value.key


def test_a_subject_with_a_line_break_stays_on_one_line() -> None:
    assert "\n" not in named(issue("a\nb\x1b[31m").certificate)


@pytest.mark.parametrize(
    "text",
    ["", "hello", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "\x00ÿ"],
)
def test_an_unreadable_certificate_is_a_sentence(text: str) -> None:
    with pytest.raises(ValueError, match="the certificate cannot be read; accepted is PEM"):
        examine(text, CHAIN[0].key_pem, now=NOW)


def test_an_unreadable_key_is_a_sentence_without_the_key() -> None:
    broken = CHAIN[0].key_pem.replace("\nM", "\nN", 1)
    with pytest.raises(ValueError, match="the key cannot be read; accepted is") as caught:
        examine(CHAIN[0].pem, broken, now=NOW)
    assert broken.splitlines()[1] not in str(caught.value)


@pytest.mark.filterwarnings("ignore::cryptography.utils.CryptographyDeprecationWarning")
@settings(max_examples=150, deadline=None)
@given(st.integers(min_value=0), st.sampled_from(["certificate", "key"]))
def test_damage_never_gets_past_openssl(seed: int, which: str) -> None:
    """Whatever passes is a pair that can be served; whatever does not is a ValueError."""
    noise = random.Random(seed)
    texts = {"certificate": CHAIN[0].pem, "key": CHAIN[0].key_pem}
    damaged = list(texts[which])
    for _ in range(noise.randint(1, 4)):
        damaged[noise.randrange(len(damaged))] = chr(noise.randrange(32, 127))
    texts[which] = "".join(damaged)
    try:
        pair = examine(texts["certificate"], texts["key"], now=NOW)
    except ValueError as error:
        assert str(error)
    else:
        found, sent = own_key(pair.key_pem), own_key(CHAIN[0].key_pem)
        assert found.private_numbers() == sent.private_numbers()


def test_a_key_with_one_bit_wrong_is_damaged() -> None:
    """OpenSSL takes it, and then no handshake succeeds."""
    made = issue()
    lines = made.key_pem.splitlines()
    lines[1] = lines[1][:50] + ("A" if lines[1][50] != "A" else "B") + lines[1][51:]
    with pytest.raises(ValueError, match="the key is damaged"):
        examine(made.pem, "\n".join(lines), now=NOW)


def test_what_passes_is_what_openssl_serves(tmp_path: Path) -> None:
    pair = examine("".join(one.pem for one in CHAIN), CHAIN[0].key_pem, now=NOW)
    (tmp_path / "c").write_text(pair.certificate_pem)
    (tmp_path / "k").write_text(pair.key_pem)
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(tmp_path / "c", tmp_path / "k")


def test_a_self_signed_pair_passes_its_own_examination() -> None:
    made = self_signed(("node1", "node1.example.com"), ("192.0.2.7", "2001:db8::7"), now=NOW)
    found = examine(made.certificate_pem, made.key_pem, now=NOW)
    assert found.names == ("node1", "node1.example.com", "192.0.2.7", "2001:db8::7")
    assert found == made
    assert (found.not_after - found.not_before).days == 397


def test_a_self_signed_pair_of_a_nameless_node() -> None:
    made = self_signed((), (), now=NOW)
    assert _subjects(made.certificate_pem) == ["CN=bandstand"]


def test_a_name_longer_than_a_common_name_still_counts() -> None:
    name = ".".join(["a" * 30] * 4)
    made = self_signed((name,), (), now=NOW)
    assert made.names == (name,)
    assert examine(made.certificate_pem, made.key_pem, now=NOW).names == (name,)
