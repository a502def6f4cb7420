"""The points that first boot is killed at: what counts as one."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.node import kill_point
from tests.node.kill_point import Points


class Hooked(Points):
    """Only notes which functions would be hooked."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def after(
        self,
        owner: Any,
        name: str,
        counts: Callable[..., bool] | None = None,
        did: Callable[[Any], bool] | None = None,
    ) -> None:
        del counts, did
        assert callable(getattr(owner, name))
        self.names.append(name)

    def before_the_end(self) -> None:
        self.names.append("_exit")


def test_every_way_to_change_something_is_hooked() -> None:
    points = Hooked()
    kill_point.watch(points)
    assert {"open", "write", "fsync", "rename", "replace", "unlink"} <= set(points.names)
    assert {"posix_spawn", "_fork_exec", "waitpid", "send", "sendto"} <= set(points.names)


def test_a_switch_of_the_kernels_that_is_written_is_a_point_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As IPv6 is turned off: opened, written to, and then the next change; its log is no point."""
    monkeypatch.setattr(kill_point, "PASSED", str(tmp_path / "passed"))
    for name in ("open", "write"):
        monkeypatch.setattr(os, name, getattr(os, name))
    points = Points(0)
    points.after(os, "open")
    points.after(os, "write")
    handle = os.open(tmp_path / "disable_ipv6", os.O_WRONLY | os.O_CREAT)
    assert os.write(handle, b"canary\n") == len("canary\n")
    os.close(handle)
    said = (tmp_path / "passed").read_text()
    assert [line.split()[1] for line in said.splitlines()] == ["nothing", "open", "write"]
    assert "canary" not in said
