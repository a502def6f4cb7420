"""What holds for every test."""

from __future__ import annotations

import os
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from _pytest.config import ExitCode
from _pytest.terminal import TerminalReporter
from hypothesis import settings

_SOAK_FOLDER = "BANDSTAND_SOAK_REPORT"
_REPOSITORY = Path(__file__).parents[1]

# Time on a shared machine says nothing about the code; the same examples every time, in CI too.
settings.register_profile("bandstand", deadline=None, derandomize=True)
# `make soak`: other examples every time, and many; the seed stands in the report.
settings.register_profile("soak", deadline=None, max_examples=5000, database=None)
settings.load_profile("soak" if os.environ.get(_SOAK_FOLDER) else "bandstand")


def pytest_terminal_summary(
    terminalreporter: TerminalReporter, exitstatus: ExitCode, config: pytest.Config
) -> None:
    """After a soak: what ran, on which commit, from which seed, and what came out."""
    folder = os.environ.get(_SOAK_FOLDER)
    if not folder:
        return
    counts = {
        outcome: len(terminalreporter.stats.get(outcome, []))
        for outcome in ("passed", "failed", "error", "skipped")
    }
    seed = config.getoption("--hypothesis-seed")
    lines = (
        f"- ended {datetime.now(UTC):%Y-%m-%d %H:%M} UTC with status {int(exitstatus)}",
        f"- commit {_commit()}, seed {seed}, 5000 examples a property",
        f"- tests: {', '.join(f'{number} {outcome}' for outcome, number in counts.items())}",
        f"- chosen by: -m '{config.getoption('-m')}'",
    )
    target = _REPOSITORY / folder / "report.md"
    target.parent.mkdir(parents=True, exist_ok=True)
    head = "# Soak\n" if not target.exists() else target.read_text(encoding="utf-8")
    _ = target.write_text(head + "\n" + "\n".join(lines) + "\n", encoding="utf-8")


def _commit() -> str:
    said = subprocess.run(
        ["git", "describe", "--always", "--dirty"],
        cwd=_REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    return said.stdout.strip() or "unknown"
