"""`bandstand cluster`: what is asked of the agent, and how its answer is said."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from agent.commands import cluster
from agent.system.files import Files
from agent.system.host import Host

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
