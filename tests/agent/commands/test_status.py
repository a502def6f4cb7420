"""`bandstand status` and `bandstand node`: the status in words, and as it is."""

from __future__ import annotations

import json
from argparse import Namespace
from pathlib import Path
from typing import Any

import pytest

from agent.commands import node, status
from agent.commands.answer import Answer
from agent.errors import NotNow
from agent.status.merge import STATUS
from agent.system.files import Files
from agent.system.host import Host

READY = {
    "version": "0.1.0",
    "node": {"id": "7", "name": "node-1"},
    "state": "ready",
    "phase": "ready",
    "network": {
        "interface": "ens32",
        "mode": "static",
        "addresses": ["192.0.2.21/24"],
        "gateway": "192.0.2.1",
        "dns": ["192.0.2.53"],
        "link": "up",
    },
    "certificate": {"source": "given", "names": ["a.example"], "sha256": "ab" * 32},
    "url": "https://192.0.2.21/cluster",
    "url_answers": True,
    "cluster": {"state": "none"},
    "updated": "2026-11-21T10:00:00Z",
}


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)


def tell(files: Files, **changes: Any) -> None:
    files.write(STATUS, json.dumps({**READY, **changes}))


def args(files: Files, **more: Any) -> Namespace:
    return Namespace(**{"host": Host(files=files), "watch": False, "json": False, **more})


def test_words_and_data_say_the_same(files: Files) -> None:
    tell(files)

    answer = status.run(args(files))

    assert isinstance(answer, Answer)
    lines = [line.split(maxsplit=1) for line in answer.words.splitlines()]
    assert ["State", "ready"] in lines
    assert ["Node", "node-1"] in lines
    assert "https://192.0.2.21/cluster" in answer.words
    assert answer.data == READY


@pytest.mark.parametrize("run", [status.run, node.run_show, node.run_cert_show])
@pytest.mark.parametrize("torn", [None, "", "{", "[]"])
def test_no_status_is_not_now(files: Files, run: Any, torn: str | None) -> None:
    if torn is not None:
        files.write(STATUS, torn)

    with pytest.raises(NotNow):
        run(args(files))


def test_hostile_text_does_not_reach_the_terminal(files: Files) -> None:
    tell(files, node={"name": "\x1b]0;owned\x07node"}, step="\x9b2J", state="working")

    answer = status.run(args(files))

    assert isinstance(answer, Answer)
    assert all(sign.isprintable() or sign == "\n" for sign in answer.words)


def test_node_show_has_the_nodes_facts(files: Files) -> None:
    tell(files)

    answer = node.run_show(args(files))

    assert answer.data["network"] == READY["network"]
    assert "ens32  192.0.2.21/24" in answer.words


def test_cert_show_has_the_fingerprint(files: Files) -> None:
    tell(files)

    answer = node.run_cert_show(args(files))

    assert answer.data == READY["certificate"]
    assert "ABAB ABAB" in answer.words


def test_cert_show_without_one_is_not_now(files: Files) -> None:
    tell(files, certificate={})

    with pytest.raises(NotNow, match="no certificate"):
        node.run_cert_show(args(files))
