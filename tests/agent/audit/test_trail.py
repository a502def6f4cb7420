"""The trail: a line a deed, appended, bounded."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agent.audit.trail import TRAIL, Deed, record
from agent.system.files import Files
from agent.system.host import Host


@pytest.fixture
def host(tmp_path: Path) -> Host:
    return Host(files=Files(tmp_path))


def test_each_deed_is_a_line_of_its_own(host: Host) -> None:
    record(host, Deed("root (pid 1)", "apply", "change", "done", {"shared": "tls.key"}))
    record(host, Deed("admin\nroot", "apply", "restart", "forbidden"))

    rows = [json.loads(line) for line in (host.files.read(TRAIL) or "").splitlines()]
    assert [(row["who"], row["verb"], row["ended"]) for row in rows] == [
        ("root (pid 1)", "change", "done"),
        ("admin\nroot", "restart", "forbidden"),
    ]
    assert rows[0]["about"] == {"shared": "tls.key"}
    assert rows[0]["time"].endswith("Z")


def test_only_root_and_its_group_read_it(host: Host) -> None:
    record(host, Deed("root", "apply", "change", "done"))

    assert host.files.path(TRAIL).stat().st_mode & 0o007 == 0


def test_it_does_not_fill_the_disk(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agent.audit.trail._LARGEST_BYTES", 1000)

    for number in range(40):
        record(host, Deed("root", "apply", f"verb-{number}", "done"))

    kept = list(host.files.path(TRAIL).parent.iterdir())
    assert len(kept) == 2
    assert sum(path.stat().st_size for path in kept) < 2600
    assert "verb-39" in (host.files.read(TRAIL) or "")
