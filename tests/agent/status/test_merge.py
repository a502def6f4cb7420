"""Fragments: merged in order, torn ones left out, published whole."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import pytest

from agent.errors import Fault
from agent.status import fragment, merge
from agent.system.files import Files


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)


def test_objects_merge_key_by_key_and_later_processes_win(files: Files) -> None:
    fragment.put(files, "cluster", {"node": {"id": "7"}, "phase": "cluster"})
    fragment.put(files, "watch", {"node": {"name": "node-1"}, "phase": "from watch"})
    fragment.put(files, "firstboot", {"node": {"name": "old"}, "phase": "ready", "step": ""})

    assert merge.read(files) == {
        "node": {"name": "node-1", "id": "7"},
        "phase": "cluster",
        "step": "",
    }


def test_faults_add_up_each_once_and_other_lists_are_replaced(files: Files) -> None:
    one, other = (Fault(name, "is wrong", "Mend it.").as_json() for name in ("x", "y"))
    fragment.put(files, "firstboot", {"faults": [one], "steps": [1, 2]})
    fragment.put(files, "cluster", {"faults": [one, other], "steps": [3]})

    assert merge.read(files) == {"faults": [one, other], "steps": [3]}


def test_notices_add_up_and_cost_no_readiness(files: Files) -> None:
    fragment.put(files, "firstboot", {"notices": ["x", "y"], "state": "ready"})
    fragment.put(files, "watch", {"notices": ["y", "z"]})

    assert merge.read(files) == {"notices": ["x", "y", "z"], "state": "ready"}


@pytest.mark.parametrize(
    ("said", "faults", "shown"),
    [
        ("ready", [{"code": "x"}], "degraded"),
        ("ready", [], "ready"),
        ("fault", [{"code": "x"}], "fault"),
        ("working", [{"code": "x"}], "working"),
    ],
)
def test_a_node_with_a_fault_is_not_called_ready(
    files: Files, said: str, faults: list[Any], shown: str
) -> None:
    fragment.put(files, "firstboot", {"state": said})
    fragment.put(files, "cluster", {"faults": faults})

    assert merge.read(files)["state"] == shown


NO_LEASE = Fault("network", "no DHCP server answered", "Mend it.", "no-lease").as_json()
ENDED = {"code": "no-lease", "setting": "network"}


@pytest.mark.parametrize(
    ("ended", "left", "state"),
    [
        ([], [NO_LEASE], "degraded"),
        ([ENDED], [], "ready"),
        ([{**ENDED, "setting": "network.gateway"}], [NO_LEASE], "degraded"),
        ([{**ENDED, "code": "no-carrier"}, "odd", {}], [NO_LEASE], "degraded"),
    ],
)
def test_a_fault_that_another_process_sees_ended_is_told_no_more(
    files: Files, ended: list[Any], left: list[Any], state: str
) -> None:
    fragment.put(files, "firstboot", {"state": "degraded", "faults": [NO_LEASE]})
    fragment.put(files, "watch", {"over": ended, "faults": []})

    assert merge.read(files) == {"state": state, "faults": left}


def test_a_node_that_is_not_done_stays_so_whatever_ended(files: Files) -> None:
    fragment.put(files, "firstboot", {"state": "working", "faults": [NO_LEASE]})
    fragment.put(files, "watch", {"over": [ENDED]})

    assert merge.read(files) == {"state": "working", "faults": []}


@pytest.mark.parametrize("torn", ["", "{", '{"state": "re', "[]", "7", "\0" * 100, "[" * 100_000])
def test_a_torn_fragment_costs_itself_alone(files: Files, torn: str) -> None:
    fragment.put(files, "firstboot", {"state": "ready"})
    files.path("/run/bandstand/status.d/watch.json").write_text(torn)

    assert merge.read(files) == {"state": "ready"}


def test_fragments_of_unknown_processes_are_not_read(files: Files) -> None:
    fragment.put(files, "stranger", {"state": "ready"})

    assert merge.read(files) == {}


def test_put_says_whether_it_was_news(files: Files) -> None:
    assert fragment.put(files, "watch", {"url": "a"})
    assert not fragment.put(files, "watch", {"url": "a"})
    assert fragment.put(files, "watch", {"url": "b"})


def test_the_published_file_says_when(files: Files) -> None:
    fragment.put(files, "firstboot", {"state": "ready"})

    merge.publish(files)

    published = merge.published(files)
    assert published["state"] == "ready"
    assert published["updated"].endswith("Z")
    assert files.path(merge.STATUS).stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize("torn", ["{", "[]", "nonsense"])
def test_a_torn_status_reads_as_none(files: Files, torn: str) -> None:
    files.write(merge.STATUS, torn)

    assert merge.published(files) == {}


def test_many_may_publish_at_once_and_no_reader_sees_half(files: Files) -> None:
    fragment.put(files, "firstboot", {"state": "ready", "steps": ["x" * 100] * 50})
    merge.publish(files)
    torn: list[str] = []

    def publish_often() -> None:
        for _ in range(20):
            merge.publish(files)

    writers = [threading.Thread(target=publish_often) for _ in range(3)]
    for writer in writers:
        writer.start()
    while any(writer.is_alive() for writer in writers):
        text = files.read(merge.STATUS) or ""
        try:
            json.loads(text)
        except ValueError:
            torn.append(text)
    for writer in writers:
        writer.join()

    assert torn == []
    assert merge.published(files)["state"] == "ready"


@pytest.mark.parametrize(
    ("setting", "hint"), [("tls.key", "settings explain tls.key"), ("firewall", "journalctl")]
)
def test_every_fault_has_a_hint(files: Files, setting: str, hint: str) -> None:
    fragment.put(files, "firstboot", {"faults": [Fault(setting, "is wrong").as_json()]})
    fragment.put(files, "watch", {"faults": [Fault("node.name", "is odd", "Take one.").as_json()]})

    first, second = merge.read(files)["faults"]

    assert set(first) == {"code", "setting", "message", "hint"}
    assert hint in first["hint"]
    assert second["hint"] == "Take one."
