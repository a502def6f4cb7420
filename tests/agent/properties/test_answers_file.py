"""Answers files: flat and nested, YAML and JSON, and what is wrong with some."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.errors import InputRefused
from agent.properties.answers_file import decode, parse

YAML = "/etc/bandstand/answers.yaml"
JSON = "/etc/bandstand/answers.json"


def _refusal(text: str, name: str = YAML) -> str:
    with pytest.raises(InputRefused) as refused:
        _ = parse(text, name)
    (fault,) = refused.value.faults
    assert fault.setting == "answers"
    assert name in fault.message
    return fault.message


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (
            "network.address: 192.0.2.10/24\nnode.ssh: yes\ndatabase.port: 5432\nnode.name: null\n",
            YAML,
        ),
        (
            "network: {address: 192.0.2.10/24}\nnode: {ssh: yes, name: null}\n"
            "database:\n  port: 5432\n",
            YAML,
        ),
        (
            '{"network": {"address": "192.0.2.10/24"}, "node.ssh": "yes", "node.name": "null", '
            '"database": {"port": 5432}}',
            JSON,
        ),
    ],
)
def test_flat_and_nested_are_the_same(text: str, name: str) -> None:
    assert parse(text, name) == {
        "network.address": "192.0.2.10/24",
        "node.ssh": "yes",
        "database.port": "5432",
        "node.name": "null",
    }


def test_values_of_yaml_stay_the_text_that_was_written() -> None:
    text = "a.b: on\nc.d: 010\ne.f: 1:30\ng.h: 2024-01-01\ni.j: ~\nk.l: |\n  two\n  lines\n"
    assert list(parse(text, YAML).values()) == [
        "on",
        "010",
        "1:30",
        "2024-01-01",
        "~",
        "two\nlines\n",
    ]


def test_values_of_json() -> None:
    assert parse('{"a.b": true, "c.d": null, "e.f": ["x", "y"], "g.h": []}', JSON) == {
        "a.b": "True",
        "c.d": "",
        "e.f": "x\ny",
        "g.h": "",
    }


def test_a_list_is_a_line_each() -> None:
    assert parse("network: {dns: [192.0.2.53, 192.0.2.54]}", YAML) == {
        "network.dns": "192.0.2.53\n192.0.2.54"
    }


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "---\n"])
def test_an_empty_file_says_nothing(text: str) -> None:
    assert parse(text, YAML) == {}


@pytest.mark.parametrize(
    ("text", "name", "says"),
    [
        ("a: [", YAML, "is not YAML (line 1, column 5"),
        ("a:\n\t- b", YAML, "is not YAML (line 2"),
        ("\x07", YAML, "is not YAML"),
        ("{", JSON, "is not JSON (line 1, column 2"),
        ("- a\n- b\n", YAML, "does not hold keys with values"),
        ("[1]", JSON, "does not hold keys with values"),
        ("network: {dns: [[a]]}", YAML, "has a list in a list below network.dns"),
        ("a: &b c\nd: *b", YAML, "refers to another place (line 2, column 4)"),
        ("a.b: c\na.b: d", YAML, "gives 'a.b' twice"),
        ('{"a.b": 1, "a.b": 2}', JSON, "gives a.b twice"),
        ("a: " + "[" * 9 + "]" * 9, YAML, "is nested too deep"),
        ("network: {address: {ip: 192.0.2.1}}", YAML, "has keys below network.address"),
        ("network.address: a\nnetwork: {address: b}", YAML, "gives network.address twice"),
        ("[" * 100_000, JSON, "is nested too deep"),
        ("[" * 100_000, YAML, "is nested too deep"),
        ("!!python/object/apply:os.system ['true']", YAML, "does not hold keys"),
        ("a: " + "x" * (1 << 20), YAML, "is larger than 262144 bytes"),
        ("? [a]\n: b", YAML, "is not YAML"),
    ],
    ids=range(18),
)
def test_files_that_are_refused(text: str, name: str, says: str) -> None:
    assert says in _refusal(text, name)


def test_numbers_stay_the_text_that_was_written() -> None:
    long = "1" * 10_000
    assert parse(f'{{"a.b": 1.10, "c.d": {long}}}', JSON) == {"a.b": "1.10", "c.d": long}


@pytest.mark.parametrize(
    "text", ["node.admin_password: *tr0ub4dor", "a: !tr0ub4dor!x y", "a: &tr0ub4dor b\nc: d: e"]
)
def test_a_password_that_means_something_to_yaml_is_not_repeated(text: str) -> None:
    assert "tr0ub4dor" not in _refusal(text)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_encodings_of_a_medium(encoding: str) -> None:
    assert parse(decode("node.name: nöde".encode(encoding), YAML), YAML) == {"node.name": "nöde"}


@pytest.mark.parametrize("data", ["node.name: nöde".encode("latin-1"), b"\xff\xfea"])
def test_another_encoding_is_refused(data: bytes) -> None:
    with pytest.raises(InputRefused, match="is not in UTF-8"):
        _ = decode(data, YAML)


@given(st.text(), st.sampled_from([YAML, JSON]))
def test_garbage_is_read_or_refused_and_nothing_else(text: str, name: str) -> None:
    try:
        found = parse(text, name)
    except InputRefused:
        return
    assert all(isinstance(value, str) for value in found.values())
