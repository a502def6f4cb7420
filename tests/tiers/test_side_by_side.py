"""Two runs at a time: what they say stays apart, and one that fails is enough."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.tiers.__main__ import ROOT

_BOTH = """
import sys
from pathlib import Path
from tests.tiers.__main__ import side_by_side
first, second, log = sys.argv[1:]
python = (sys.executable, "-c")
sys.exit(side_by_side((*python, first), (*python, second), Path(log)))
"""


def _run(first: str, second: str, log: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        (sys.executable, "-c", _BOTH, first, second, str(log)),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.outside
def test_what_the_second_says_comes_after_the_first(tmp_path: Path) -> None:
    """The first waits for the second, so that both run at once."""
    mark = tmp_path / "mark"
    wait = f"import pathlib\nwhile not pathlib.Path({str(mark)!r}).exists(): pass\nprint('first')"
    begin = f"import pathlib\nprint('second')\npathlib.Path({str(mark)!r}).touch()"
    said = _run(wait, begin, tmp_path / "log")
    assert (said.returncode, said.stdout) == (0, "first\nsecond\n")


@pytest.mark.outside
@pytest.mark.parametrize(
    ("first", "second", "code"),
    [
        ("raise SystemExit(1)", "", 1),
        ("", "raise SystemExit(2)", 2),
        ("", "import os; os.kill(os.getpid(), 9)", 137),
    ],
)
def test_the_worse_end_counts(tmp_path: Path, first: str, second: str, code: int) -> None:
    assert _run(first, second, tmp_path / "log").returncode == code
