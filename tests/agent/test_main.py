"""The command: nouns, exit codes, and how what goes wrong is said."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agent import __main__ as command
from agent.__main__ import NOUNS, Noun, main
from agent.commands.answer import Answer, Group
from agent.errors import (
    BandstandError,
    CommandFailed,
    Fault,
    InputRefused,
    NotNow,
    NotReachable,
    RefusedByPeer,
    UsageError,
)

REPOSITORY = Path(__file__).parents[2]


def _two(_: argparse.Namespace) -> Iterator[Answer]:
    yield Answer("one", {"n": 1})
    yield Answer("two", {"n": 2}, 3)


@pytest.fixture
def outcome(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """`bandstand probe go` answers or raises what a test puts here."""
    found: dict[str, Any] = {"answer": Answer("said in words\n", {"said": "as data"})}

    def go(_: argparse.Namespace) -> Any:
        if isinstance(found["answer"], BaseException):
            raise found["answer"]
        return found["answer"]

    def add(group: Group) -> None:
        verbs = group.add_parser("probe", help="x").add_subparsers()
        verbs.add_parser("go").set_defaults(run=go)
        verbs.add_parser("twice").set_defaults(run=_two)

    monkeypatch.setattr(command, "NOUNS", {**NOUNS, "probe": Noun("x", add)})
    return found


def test_an_answer_is_said_in_words(
    outcome: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["probe", "go"]) == 0
    assert capsys.readouterr() == ("said in words\n", "")


@pytest.mark.parametrize("words", [["--json", "probe", "go"], ["probe", "go", "--json"]])
def test_or_as_one_object(
    outcome: dict[str, Any], capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    assert main(words) == 0
    assert json.loads(capsys.readouterr().out) == {"said": "as data"}


def test_answers_may_follow_one_another(
    outcome: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["probe", "twice", "--json"]) == 3
    assert capsys.readouterr().out == '{"n": 1}\n{"n": 2}\n'


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (UsageError("wrong"), 2),
        (InputRefused((Fault("x.y", "is wrong", "give z"),)), 3),
        (NotReachable("nobody"), 4),
        (RefusedByPeer("no", code="token-used"), 5),
        (NotNow("a member already"), 6),
        (CommandFailed("nginx"), 1),
        (BandstandError("odd"), 1),
        (RuntimeError("boom"), 1),
        (KeyboardInterrupt(), 130),
    ],
)
def test_exit_codes(outcome: dict[str, Any], error: BaseException, code: int) -> None:
    outcome["answer"] = error

    assert main(["probe", "go"]) == code


def test_a_known_error_is_a_sentence_and_a_hint(
    outcome: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    outcome["answer"] = NotNow("a member already", hint="leave first")

    main(["probe", "go"])

    assert capsys.readouterr() == ("", "a member already\n  leave first\n")


def test_faults_are_said_one_a_line(
    outcome: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    outcome["answer"] = InputRefused((Fault("a.b", "is x", "give y"), Fault("c.d", "is z")))

    main(["probe", "go"])

    assert capsys.readouterr().err == "a.b: is x\nc.d: is z\n  give y\n"


def test_errors_as_json(outcome: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    outcome["answer"] = InputRefused((Fault("a.b", "is x", "give y"),))

    main(["probe", "go", "--json"])

    said = json.loads(capsys.readouterr().err)["error"]
    assert said["code"] == "refused"
    assert said["faults"] == [
        {"code": "refused", "setting": "a.b", "message": "is x", "hint": "give y"}
    ]


def test_an_unknown_error_is_said_without_a_traceback(
    outcome: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    outcome["answer"] = RuntimeError("boom")

    main(["probe", "go"])

    said = capsys.readouterr().err
    assert "RuntimeError: boom" in said
    assert "Traceback" not in said
    assert "BANDSTAND_DEBUG=1" in said


def test_with_debug_it_is_raised(outcome: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BANDSTAND_DEBUG", "1")
    outcome["answer"] = RuntimeError("boom")

    with pytest.raises(RuntimeError, match="boom"):
        main(["probe", "go"])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nonsense"], "invalid choice: 'nonsense'"),
        (["probe"], "probe needs a verb"),
        (["probe", "nonsense"], "invalid choice"),
        (["probe", "go", "further"], "unrecognized arguments: further"),
        (["--nonsense"], "required"),
        (["--json"], ""),
    ],
)
def test_a_wrong_call_is_exit_2(
    outcome: dict[str, Any], capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    assert main(words) == (2 if said else 0)
    assert said in capsys.readouterr().err


def test_alone_it_says_what_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    out = capsys.readouterr().out
    assert all(noun in out for noun in NOUNS)


@pytest.mark.outside
def test_only_the_named_noun_is_imported() -> None:
    looks = (
        "import sys; from agent.__main__ import main; main(['node', 'show']); print(sys.modules)"
    )

    done = subprocess.run(
        [sys.executable, "-c", looks], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )

    assert "'agent.commands.node'" in done.stdout
    for other in ("agent.commands.cluster", "agent.commands.settings", "cryptography", "yaml"):
        assert f"'{other}'" not in done.stdout


@pytest.mark.outside
def test_a_reader_that_leaves_is_no_error() -> None:
    done = subprocess.run(
        f"{sys.executable} -m agent --help | true",
        shell=True,
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )

    assert "Traceback" not in done.stderr
