"""The cluster key: as careful as a join string, and neither taken for the other."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.values import cluster_key, join_string
from agent.values.join_string import JoinString, Seed

secrets = st.binary(min_size=16, max_size=16)


@given(secrets, st.sampled_from(["-", " ", "", " - "]))
def test_however_it_is_typed_it_is_the_same(secret: bytes, between: str) -> None:
    text = cluster_key.format(secret)
    typed = text.lower().replace("-", between).replace("0", "o").replace("1", "l")
    assert cluster_key.parse(typed) == secret
    assert cluster_key.normalise(typed) == text


@given(secrets, st.data())
def test_one_changed_character_is_found(secret: bytes, data: st.DataObject) -> None:
    text = cluster_key.format(secret)
    place = data.draw(st.sampled_from([at for at, one in enumerate(text) if one != "-"]))
    other = data.draw(
        st.sampled_from("0123456789ABCDEFGHJKMNPQRSTVWXYZ").filter(text[place].__ne__)
    )
    with pytest.raises(ValueError, match=f"mistake in group {place // 6 + 1} of 8"):
        _ = cluster_key.parse(text[:place] + other + text[place + 1 :])


@given(secrets)
def test_neither_is_taken_for_the_other(secret: bytes) -> None:
    joined = join_string.format(JoinString((Seed("192.0.2.1"),), secret))
    with pytest.raises(ValueError, match="is a join string, which goes into cluster.join"):
        _ = cluster_key.parse(joined)
    with pytest.raises(ValueError, match="is a cluster key, which goes into cluster.key"):
        _ = join_string.parse(cluster_key.format(secret))


def test_seeds_beside_a_key_make_a_join_string_of_up_to_fifteen() -> None:
    seeds = cluster_key.parse_seeds(" ".join(f"192.0.2.{at}:1300{at % 10}" for at in range(1, 16)))
    text = join_string.format(JoinString(seeds, bytes(16)))
    assert join_string.parse(text).seeds == seeds


def test_a_seed_said_twice_is_asked_once() -> None:
    seeds = cluster_key.parse_seeds("192.0.2.1, 192.0.2.1:13000; [2001:db8::1]:7 n1")
    assert seeds == (Seed("192.0.2.1"), Seed("2001:db8::1", 7), Seed("n1"))
