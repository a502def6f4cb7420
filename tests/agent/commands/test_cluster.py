"""`bandstand cluster`: what is asked of the agent, and how its answer is said."""

from __future__ import annotations

import io
from argparse import Namespace
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from agent.__main__ import main
from agent.commands import cluster
from agent.system.files import Files
from agent.system.host import Host
from agent.values import cluster_key

_ADMINISTRATION = ("admin_user", "admin_password_file", "recovery_public_key")
_NOTHING = dict.fromkeys(("host", "port", "name", "user", "tls", "ca", "password_file"))


class Agent:
    """Stands for the agent's socket: answers `result`, and remembers how it was asked."""

    def __init__(self, result: Mapping[str, Any]) -> None:
        self.result = dict(result)
        self.args: Mapping[str, Any] = {}
        self.ways: Mapping[str, Any] = {}

    def __call__(
        self, _path: str, _verb: str, args: Mapping[str, Any], **ways: Any
    ) -> dict[str, Any]:
        self.args, self.ways = args, ways
        return self.result


def _init(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, **result: Any) -> str:
    monkeypatch.setattr(cluster, "call", Agent({"recovery_phrase": "A-B", **result}))
    password = tmp_path / "password"
    _ = password.write_text("x")
    asked = {f"database_{name}": None for name in _NOTHING} | {
        "database_password_file": str(password)
    }
    rest = dict.fromkeys(("certificate", "key", "name", "hostname", *_ADMINISTRATION))
    return cluster.run_init(Namespace(host=Host(files=Files(tmp_path)), **asked, **rest)).words


def test_a_repeated_init_says_that_it_took_up_an_earlier_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = _init(tmp_path, monkeypatch, name="demo", resumed=True)
    assert "earlier init of this node was broken off" in said
    assert "demo has the settings that were given then" in said
    assert "A-B" in said


def test_a_first_init_says_nothing_of_the_kind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "earlier" not in _init(tmp_path, monkeypatch, name="demo", resumed=False)


def test_an_agent_that_just_starts_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    agent = Agent({})
    monkeypatch.setattr(cluster, "call", agent)
    _ = cluster.run_status(Namespace(host=Host(files=Files(tmp_path))))
    assert 3 <= agent.ways["starts_within_s"] <= 15


def test_a_blank_name_is_not_taken_for_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    agent = Agent({})
    monkeypatch.setattr(cluster, "call", agent)
    _ = cluster.run_token_create(Namespace(host=Host(files=Files(tmp_path)), minutes=30, name=""))
    assert agent.args == {"minutes": 30, "name": ""}


def test_seeds_go_with_a_key_from_standard_input(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    agent = Agent({"name": "demo"})
    monkeypatch.setattr(cluster, "call", agent)
    monkeypatch.setattr("sys.stdin", io.StringIO("a-key\n"))
    host = Host(files=Files(tmp_path))
    said = cluster.run_join(Namespace(host=host, file=None, seed=["one:13001", "two"]))
    assert agent.args == {"seeds": ["one:13001", "two"], "key": "a-key"}
    assert said.words == "This node is a member of the cluster demo."


def test_an_administrator_is_asked_for_after_the_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    agent = Agent({"recovery_phrase": ""})
    monkeypatch.setattr(cluster, "call", agent)
    monkeypatch.setattr("sys.stdin", io.StringIO("of the database\nof anna\n"))
    key = tmp_path / "recovery.pem"
    _ = key.write_text("PEM")
    assert main(["cluster", "init", "--admin-user", "anna", "--recovery-public-key", str(key)]) == 0
    settings = agent.args["settings"]
    assert settings["database.password"] == "of the database"
    assert settings["cluster.admin_user"] == "anna"
    assert settings["cluster.admin_password"] == "of anna"
    assert settings["cluster.recovery_public_key"] == "PEM"


def test_a_new_key_is_shown_with_how_to_end_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "call", Agent({"id": "00ff", "key": "AAAAA-BBBBB"}))
    said = cluster.run_key_create(Namespace(host=Host())).words
    assert said.startswith("AAAAA-BBBBB\n")
    assert "bandstand cluster key revoke 00ff" in said


def test_a_generated_key_is_one_and_asks_nobody(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cluster", "key", "generate"]) == 0
    shown = capsys.readouterr().out.strip()
    assert cluster_key.normalise(shown) == shown
    assert main(["cluster", "key", "generate"]) == 0
    assert capsys.readouterr().out.strip() != shown
