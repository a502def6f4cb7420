"""Settings as arguments, short or long, and never a secret among them."""

from __future__ import annotations

import io
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path

import pytest

from agent.commands import given
from agent.errors import UsageError


def _given(*words: str) -> dict[str, str]:
    parser = ArgumentParser()
    given.add(parser, "name=n1")
    return given.given(parser.parse_args(words), "node", "bandstand node set")


def test_a_bare_name_is_short_for_the_category() -> None:
    assert _given("name=n1", "network.ntp=a", "syslog=") == {
        "node.name": "n1",
        "network.ntp": "a",
        "node.syslog": "",
    }


def test_an_argument_goes_over_the_file(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("node:\n  name: n1\n  admin_password: horse\n")
    found = _given("--answers", str(tmp_path / "a.yaml"), "name=n2")
    assert found == {"node.name": "n2", "node.admin_password": "horse"}


def test_standard_input_is_read_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"node.name: n1\n")))
    assert _given("--answers", "-") == {"node.name": "n1"}


@pytest.mark.parametrize(
    "words",
    [["admin_password=horse"], ["network.http_proxy=http://u:horse@p:1"], ["tls.key=horse"]],
)
def test_what_is_secret_is_no_argument(words: Sequence[str]) -> None:
    with pytest.raises(UsageError) as caught:
        _ = _given(*words)
    assert "horse" not in caught.value.message
    assert caught.value.hint.startswith("bandstand node set --answers -")


def test_to_take_a_secret_out_says_none() -> None:
    assert _given("tls.key=") == {"tls.key": ""}


@pytest.mark.parametrize("words", [["name"], ["=x"], ["--answers", "/none"]])
def test_what_is_no_setting_or_file_is_a_wrong_call(words: Sequence[str]) -> None:
    with pytest.raises(UsageError):
        _ = _given(*words)
