"""Booleans, unset answers, lists and quotes."""

from __future__ import annotations

import pytest

from agent.values import words


@pytest.mark.parametrize("text", ["true", "Yes", "ON", " 1 ", "True"])
def test_yes(text: str) -> None:
    assert words.parse_boolean(text) is True


@pytest.mark.parametrize("text", ["false", "No", "OFF", " 0 ", "False"])
def test_no(text: str) -> None:
    assert words.parse_boolean(text) is False


def test_booleans_go_out_as_clients_want_them() -> None:
    assert words.format_boolean(True) == "True"
    assert words.format_boolean(False) == "False"


@pytest.mark.parametrize("text", [None, "", " \t\n", "null", "NULL", " null "])
def test_unset(text: str | None) -> None:
    assert words.is_unset(text)


@pytest.mark.parametrize("text", ["none", "0", "false", "nullable"])
def test_set(text: str) -> None:
    assert not words.is_unset(text)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ('"a"', "a"),
        ("'a'", "a"),
        (' "a b" ', "a b"),
        ("\"a'", "\"a'"),
        ('"', '"'),
        ("a", "a"),
        ('""', ""),
        (" a ", " a "),
    ],
)
def test_quotes(text: str, wanted: str) -> None:
    assert words.without_quotes(text) == wanted


def test_each_item_of_a_list_that_cannot_be_read_is_told() -> None:
    with pytest.raises(ValueError, match="holds 'a', which is not a number") as caught:
        words.parse_each("1 a; 2, b", _number)
    assert str(caught.value) == (
        "holds 'a', which is not a number; holds 'b', which is not a number"
    )
    assert words.parse_each("2, 1; 2", _number) == (2, 1)
    assert words.parse_each(" ", _number) == ()


def test_of_a_list_that_is_all_nonsense_only_the_beginning_is_told() -> None:
    with pytest.raises(ValueError, match="holds") as caught:
        words.parse_each(" ".join(f"x{n}" for n in range(5000)), _number)
    said = str(caught.value)
    assert said.count("holds") == 8
    assert said.endswith("; and 4992 more like these")


def _number(text: str) -> int:
    if not text.isdigit():
        raise ValueError("is not a number")
    return int(text)
