"""An act is done once."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.accepted.acts import FOLDER, consume, forget_pending, pending, put_act
from agent.settings.secret import Secret
from agent.system.files import Files

JOIN = Secret("242CN-0002E")
OTHER = Secret("242CN-0003F")


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)


def test_it_waits_until_it_is_consumed(files: Files) -> None:
    assert pending(files) == {}
    assert put_act(files, "cluster.join", JOIN)
    assert pending(files) == {"cluster.join": JOIN}
    consume(files, "cluster.join")
    assert pending(files) == {}


def test_put_again_while_it_waits_it_waits_on(files: Files) -> None:
    assert put_act(files, "cluster.join", JOIN)
    assert put_act(files, "cluster.join", JOIN)
    assert pending(files) == {"cluster.join": JOIN}


def test_the_same_one_does_not_act_again(files: Files) -> None:
    _ = put_act(files, "cluster.join", JOIN)
    consume(files, "cluster.join")
    assert not put_act(files, "cluster.join", JOIN)
    assert pending(files) == {}


def test_another_one_acts_and_replaces_one_that_waits(files: Files) -> None:
    _ = put_act(files, "cluster.join", JOIN)
    assert put_act(files, "cluster.join", OTHER)
    assert pending(files) == {"cluster.join": OTHER}


def test_what_is_not_there_is_not_consumed(files: Files) -> None:
    consume(files, "cluster.join")
    assert put_act(files, "cluster.join", JOIN)


def test_only_the_agent_reads_it_and_what_stays_is_keyed(files: Files) -> None:
    _ = put_act(files, "cluster.join", JOIN)
    assert files.path(FOLDER).stat().st_mode & 0o777 == 0o700
    lying = [path for path in files.path(FOLDER).iterdir() if path.is_file()]
    assert {path.stat().st_mode & 0o777 for path in lying} == {0o600}
    consume(files, "cluster.join")
    left = b"".join(path.read_bytes() for path in files.path(FOLDER).iterdir())
    assert JOIN.reveal().encode() not in left


def test_the_hash_of_another_node_is_another(tmp_path: Path) -> None:
    nodes = [Files(tmp_path / name) for name in ("a", "b")]
    for files in nodes:
        _ = put_act(files, "cluster.join", JOIN)
    seen = [files.read(f"{FOLDER}/.seen.json") for files in nodes]
    assert seen[0] != seen[1]


@pytest.mark.parametrize("torn", ["", "{", "[]", '{"seen": 3}', "\0\0"])
def test_a_torn_record_costs_only_the_memory(files: Files, torn: str) -> None:
    _ = put_act(files, "cluster.join", JOIN)
    _ = files.write(f"{FOLDER}/.seen.json", torn)
    assert pending(files) == {"cluster.join": JOIN}
    assert put_act(files, "cluster.join", JOIN)


def test_forgotten_while_it_waits_it_may_be_put_again(files: Files) -> None:
    _ = put_act(files, "cluster.join", JOIN)
    forget_pending(files)
    assert pending(files) == {}
    assert put_act(files, "cluster.join", JOIN)


def test_what_was_done_is_not_forgotten_with_what_waits(files: Files) -> None:
    _ = put_act(files, "cluster.join", JOIN)
    consume(files, "cluster.join")
    _ = put_act(files, "cluster.join", OTHER)
    forget_pending(files)
    forget_pending(files)
    assert not put_act(files, "cluster.join", JOIN)
    assert pending(files) == {}
