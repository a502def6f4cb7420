"""What claims a node, and what does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.access import claim
from agent.system.files import Files


@pytest.mark.parametrize(
    ("is_in_cluster", "acts", "mark", "by"),
    [
        (False, [], None, ""),
        (True, [], None, "cluster"),
        (True, ["cluster.join"], "portal\n", "cluster"),
        (False, ["cluster.init"], None, "properties"),
        (False, ["cluster.key"], "portal\n", "properties"),
        (False, [], "portal\n", "portal"),
        (False, [], "", "unreadable"),
    ],
)
def test_it_says_by_what(is_in_cluster: bool, acts: list[str], mark: str | None, by: str) -> None:
    assert claim.by(is_in_cluster=is_in_cluster, acts=acts, mark=mark) == by


def test_the_mark_is_a_file(tmp_path: Path) -> None:
    files = Files(tmp_path)
    assert claim.mark(files) is None
    _ = files.write(claim.MARK, "portal\n")
    assert claim.mark(files) == "portal\n"
