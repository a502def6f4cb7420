"""What is sealed opens only with its key and for its purpose."""

from __future__ import annotations

import dataclasses

import pytest

from agent.certs.authority import new_key, public_key
from agent.cluster import seal
from agent.cluster.seal import Keyring, Tampered, new_keyring
from agent.cluster.shared import Shared, WebSource, from_row, to_row
from agent.cluster.store.key import WrappedKey
from agent.cluster.vouch import check, vouch

_SETTINGS = {
    "database.host": "db.test",
    "database.name": "board",
    "database.user": "board",
    "database.password": "correct horse",
}


def test_a_sealed_value_opens_for_what_it_is_about_only() -> None:
    ring = new_keyring()
    sealed = ring.seal(b"plain", about="root key")
    assert ring.unseal(sealed, about="root key") == b"plain"
    assert b"plain" not in sealed
    with pytest.raises(Tampered):
        _ = ring.unseal(sealed, about="proof key")
    with pytest.raises(Tampered):
        _ = new_keyring().unseal(sealed, about="root key")
    with pytest.raises(Tampered):
        _ = ring.unseal(sealed[:5], about="root key")


def test_a_key_is_wrapped_to_one_holder() -> None:
    ring, private = new_keyring(), seal.new_wrap_key()
    wrapped = ring.wrapped_for(seal.wrap_public(private))
    assert seal.unwrap(wrapped, private) == ring.key
    with pytest.raises(Tampered):
        _ = seal.unwrap(wrapped, seal.new_wrap_key())


def test_a_recovery_phrase_is_the_same_however_it_is_typed() -> None:
    assert seal.recovery_private("ABCDE-12345") == seal.recovery_private("abcde 12345")
    assert seal.recovery_private("ABCDE-12345") != seal.recovery_private("ABCDE-12346")


def test_the_parts_of_a_mac_do_not_run_into_each_other() -> None:
    assert seal.mac(b"k", "ab", "c") != seal.mac(b"k", "a", "bc")


@pytest.mark.parametrize(
    "changed",
    [
        WrappedKey(2, "node", b"sealed"),
        WrappedKey(1, "else", b"sealed"),
        WrappedKey(1, "node", b""),
    ],
)
def test_a_row_with_anything_changed_does_not_verify(changed: WrappedKey) -> None:
    ring = new_keyring()
    row = vouch(ring, WrappedKey(1, "node", b"sealed"))
    assert check(ring, row) == row
    with pytest.raises(Tampered):
        _ = check(ring, dataclasses.replace(changed, mac=row.mac))
    with pytest.raises(Tampered):
        _ = check(Keyring(1, b"x" * 32), row)


def test_a_configuration_travels_sealed_and_comes_back() -> None:
    ring = new_keyring()
    shared = Shared(3, _SETTINGS, WebSource.GIVEN)
    row = to_row(ring, shared, made_by="node", reason="because")
    assert b"correct horse" not in row.document
    assert from_row(ring, row) == shared
    with pytest.raises(Tampered):
        _ = from_row(ring, dataclasses.replace(row, version=4))


def test_secrets_are_not_in_what_python_prints() -> None:
    ring = new_keyring()
    shown = repr(ring) + repr(Shared(1, _SETTINGS)) + repr(Shared(1, _SETTINGS).target)
    assert repr(ring.key) not in shown
    assert "correct horse" not in shown


def test_a_signature_is_of_one_key_over_one_text() -> None:
    key = new_key()
    signature = seal.sign(key, "a", "b")
    assert seal.is_signed(public_key(key), signature, "a", "b")
    assert not seal.is_signed(public_key(key), signature, "ab")
    assert not seal.is_signed(public_key(new_key()), signature, "a", "b")
