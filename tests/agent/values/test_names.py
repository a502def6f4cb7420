"""Host names, hosts and labels in their normal form."""

from __future__ import annotations

import pytest

from agent.values import names


def test_a_name_is_kept_in_lower_case_without_its_last_dot() -> None:
    assert names.parse_node_name(" Node1.Example.COM. ") == "node1.example.com"


@pytest.mark.parametrize("text", ["a." * 126 + "a", "a" * 63, "xn--zrich-kva", "1st", "a--b"])
def test_names_that_are_allowed(text: str) -> None:
    assert names.parse_domain(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "a." * 126 + "ab",
        "a" * 64,
        ".",
        "a..b",
        "a-",
        "-a",
        "a b",
        "*.b",
        "a/b",
        "1.2",
        "none",
        ".a",
        "\u212a",
    ],
)
def test_names_that_are_not(text: str) -> None:
    with pytest.raises(ValueError, match="has|is |ends|begins"):
        _ = names.parse_domain(text)


@pytest.mark.parametrize("text", ["7.example.com", "localhost.a", "a.localhost", "localhost."])
def test_names_that_no_node_has(text: str) -> None:
    with pytest.raises(ValueError, match="begins with a part of digits|every machine has"):
        _ = names.parse_node_name(text)


def test_a_full_name_may_be_253_long_and_each_part_63() -> None:
    full = ".".join(["n" * 63, "a" * 63, "b" * 63, "c" * 61])
    assert len(full) == 253
    assert names.parse_node_name(f"{full}.") == full
    with pytest.raises(ValueError, match="longer than 253"):
        _ = names.parse_node_name(f"{full}c")


def test_search_domains_are_named_once() -> None:
    assert names.parse_domains("B.example,a.example b.example.") == ("b.example", "a.example")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("DB.example.com", "db.example.com"),
        ("192.0.2.7", "192.0.2.7"),
        ("[2001:DB8::0:7]", "2001:db8::7"),
        ("2001:db8::7", "2001:db8::7"),
        ("localhost", "localhost"),
    ],
)
def test_a_host_is_a_name_or_an_address(text: str, wanted: str) -> None:
    assert names.parse_host(text) == wanted


@pytest.mark.parametrize(
    "text", ["192.0.2", "192.0.2.7.8", "1", "db:5432", "[::1]:5432", "0.0.0.0"]
)
def test_what_is_no_host(text: str) -> None:
    with pytest.raises(ValueError, match="is n|no single machine"):
        _ = names.parse_host(text)


def test_a_label_has_single_blanks() -> None:
    assert names.parse_label("  The \t board  ") == "The board"


@pytest.mark.parametrize("text", ["", "a\x07", "\u202e", "n" * 49])
def test_what_is_no_label(text: str) -> None:
    with pytest.raises(ValueError, match="blank|printed|longer"):
        _ = names.parse_label(text)
