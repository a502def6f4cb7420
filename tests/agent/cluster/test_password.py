"""Hashes of the administrators' passwords."""

from __future__ import annotations

import pytest

from agent.cluster.password import hashed, is_password


def test_a_password_opens_its_own_hash_alone() -> None:
    stored = hashed("correct horse é")
    assert stored.startswith("$scrypt$ln=15,r=8,p=3$")
    assert "horse" not in stored
    assert is_password("correct horse é", stored)
    assert not is_password("correct horse e", stored)
    assert hashed("correct horse é") != stored


# The third of RFC 7914, section 12, of which the first half is the shorter hash.
_RFC = "$scrypt$ln=14,r=8,p=1$U29kaXVtQ2hsb3JpZGU$cCO9yzr9c0hGHAbNgf046/2o+7qQT44+qbVD9lRdofI"


def test_a_hash_that_others_made_opens() -> None:
    assert is_password("pleaseletmein", _RFC)
    assert not is_password("pleaseletmeout", _RFC)


@pytest.mark.parametrize(
    "stored",
    [
        "",
        "$y$j9T$abc$def",
        "correct horse",
        "$scrypt$ln=40,r=8,p=1$AAAA$AAAA",
        "$scrypt$ln=15,r=99,p=1$AAAA$AAAA",
        "$scrypt$ln=15,r=8,p=1$A$A",
    ],
)
def test_what_is_no_hash_of_ours_opens_nothing(stored: str) -> None:
    assert not is_password("correct horse", stored)
