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
