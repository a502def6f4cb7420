"""The join string: what goes in comes out, and every slip of the hand is noticed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.values import join_string
from agent.values.join_string import JoinString, Seed

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

hosts = st.one_of(
    st.ip_addresses(v=4).map(str),
    st.ip_addresses(v=6, network="2001:db8::/32").map(str),
    st.from_regex(r"[a-z][a-z0-9]{0,20}(\.[a-z][a-z0-9]{0,19}){0,2}", fullmatch=True),
)
seeds = st.builds(Seed, hosts, st.integers(1, 65535) | st.just(join_string.DEFAULT_PORT))
joins = st.builds(
    JoinString,
    st.lists(seeds, min_size=1, max_size=3).map(tuple),
    st.binary(min_size=16, max_size=16),
)


@given(joins)
def test_what_goes_in_comes_out(join: JoinString) -> None:
    text = join_string.format(join)
    assert join_string.parse(text) == join
    assert join_string.normalise(text) == text


@given(joins)
def test_the_way_of_writing_does_not_matter(join: JoinString) -> None:
    text = join_string.format(join)
    sloppy = text.lower().replace("-", " ").replace("0", "o").replace("1", "l")
    assert join_string.parse(f" {sloppy}\n") == join


@given(joins, st.data())
def test_one_changed_character_is_found_in_its_group(join: JoinString, data: st.DataObject) -> None:
    text = join_string.format(join)
    place = data.draw(st.integers(0, len(text) - 1).filter(lambda at: text[at] != "-"))
    other = data.draw(st.sampled_from(ALPHABET.replace(text[place], "")))
    group = place // 6 + 1
    with pytest.raises(ValueError, match=f"has a mistake in group {group} of "):
        _ = join_string.parse(text[:place] + other + text[place + 1 :])


@given(joins, st.data())
def test_two_swapped_neighbours_are_found(join: JoinString, data: st.DataObject) -> None:
    letters = join_string.format(join).replace("-", "")
    place = data.draw(st.integers(0, len(letters) - 2))
    swapped = letters[:place] + letters[place + 1] + letters[place] + letters[place + 2 :]
    if swapped == letters:
        return
    with pytest.raises(ValueError, match="has a mistake|is incomplete"):
        _ = join_string.parse(swapped)


@given(joins, st.data())
def test_groups_lost_or_out_of_order_are_found(join: JoinString, data: st.DataObject) -> None:
    groups = join_string.format(join).split("-")
    kept = data.draw(st.lists(st.sampled_from(groups), unique=True, max_size=len(groups)))
    if kept == groups:
        return
    with pytest.raises(ValueError, match="has a mistake|is incomplete|too short"):
        _ = join_string.parse("-".join(kept))


@given(joins)
def test_nothing_may_follow_not_even_a_group_that_is_right(join: JoinString) -> None:
    text = join_string.format(join)
    for letter in ALPHABET:
        with pytest.raises(ValueError, match="has a mistake|is incomplete"):
            _ = join_string.parse(f"{text}-0000{letter}")


@given(st.text() | st.text(alphabet=ALPHABET, min_size=45, max_size=60))
def test_garbage_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(ValueError, match="^(has|is|does) "):
        _ = join_string.parse(text)


def test_a_version_of_later_is_told() -> None:
    later = JoinString((Seed("192.0.2.1"),), bytes(16), version=2)
    with pytest.raises(ValueError, match="is of version 2; this node knows version 1 only"):
        _ = join_string.parse(join_string.format(later))


def test_each_is_new_and_hides_its_secret() -> None:
    first, second = (join_string.generate([Seed("192.0.2.1")]) for _ in range(2))
    assert first.secret != second.secret
    assert len(first.secret) == 16
    assert repr(first.secret) not in repr(first)


@pytest.mark.parametrize("count", [0, 4])
def test_seeds_are_one_to_three(count: int) -> None:
    with pytest.raises(ValueError, match="instead of 1 to 3"):
        _ = join_string.generate([Seed("192.0.2.1")] * count)


@pytest.mark.parametrize(
    ("text", "wanted", "shown"),
    [
        ("192.0.2.1", Seed("192.0.2.1"), "192.0.2.1"),
        ("Seed.example.com:4000", Seed("seed.example.com", 4000), "seed.example.com:4000"),
        ("[2001:db8::1]:4000", Seed("2001:db8::1", 4000), "[2001:db8::1]:4000"),
        ("[2001:db8::1]", Seed("2001:db8::1"), "[2001:db8::1]"),
        ("2001:db8::1", Seed("2001:db8::1"), "[2001:db8::1]"),
    ],
)
def test_seeds_as_text(text: str, wanted: Seed, shown: str) -> None:
    assert join_string.parse_seed(text) == wanted
    assert str(wanted) == shown


@pytest.mark.parametrize("text", ["", ":4000", "a:b", "a:0", "[::1", "n" * 64, "a.b.c:1:2"])
def test_what_is_no_seed(text: str) -> None:
    with pytest.raises(ValueError, match="^(is|has) "):
        _ = join_string.parse_seed(text)
