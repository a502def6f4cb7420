"""Programs that the build runs for long: told to end, they tidy up first."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.errors import CommandFailed
from packer.tool import logged

_TIDY = "trap 'echo tidy; exit 3' TERM; echo begun; sleep 60 & wait"


@pytest.mark.outside
def test_a_program_that_outlasts_its_time_tidies_up(tmp_path: Path) -> None:
    with pytest.raises(CommandFailed, match="did not finish within 3 seconds"):
        logged("sh", "-c", _TIDY, log=tmp_path / "log", timeout_s=3)
    assert (tmp_path / "log").read_text().split() == ["begun", "tidy"]


@pytest.mark.outside
def test_a_program_that_fails_is_told_by_its_last_words(tmp_path: Path) -> None:
    with pytest.raises(CommandFailed, match="status 4(.|\n)*why"):
        logged("sh", "-c", "echo why; exit 4", log=tmp_path / "log")
