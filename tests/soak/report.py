"""The report of a soak, which is added to the one before."""

from __future__ import annotations

import os
import platform
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeGuard

import pytest
from _pytest.config import ExitCode
from _pytest.terminal import TerminalReporter

from tests.soak.rounds import DONE, PART, PARTS, SECONDS

# Where it goes, below the repository; without it a run is no soak.
FOLDER = "BANDSTAND_SOAK_REPORT"
_REPOSITORY = Path(__file__).parents[2]


def append(reporter: TerminalReporter, status: ExitCode, config: pytest.Config) -> None:
    """What ran, on which commit, from which seed, and what came out."""
    target = _REPOSITORY / os.environ[FOLDER] / "report.md"
    target.parent.mkdir(parents=True, exist_ok=True)
    if not target.exists():
        _ = target.write_text("# Soak\n", encoding="utf-8")
    # In one piece: other parts of the same soak write here too.
    with target.open("a", encoding="utf-8") as file:
        _ = file.write("\n" + "\n".join(_lines(reporter, status, config)) + "\n")


def _lines(reporter: TerminalReporter, status: ExitCode, config: pytest.Config) -> list[str]:
    ran = {
        outcome: [found for found in reporter.stats.get(outcome, []) if _is_report(found)]
        for outcome in ("passed", "failed", "error", "skipped")
    }
    calls = [found for found in (*ran["passed"], *ran["failed"]) if found.when == "call"]
    properties = [found for found in calls if "hypothesis" in found.keywords]
    others = [found for found in calls if found not in properties]
    wrong = [*ran["failed"], *ran["error"]]
    return [
        f"## {datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        f"- commit {_commit()}, Python {platform.python_version()}, {os.cpu_count()} processors",
        f"- {', '.join(f'{len(found)} {outcome}' for outcome, found in ran.items())};"
        f" status {int(status)}, chosen by `-m '{config.getoption('-m')}'`{_keyword(config)}",
        *(f"- {_name(found)}: {_minutes([found])}{_remarks(found)}" for found in others),
        *(_of_properties(properties, config) if properties else ()),
        *(f"- **{found.outcome} in {found.when}**: `{found.nodeid}`" for found in wrong),
    ]


def _of_properties(properties: list[pytest.TestReport], config: pytest.Config) -> list[str]:
    within = f"{SECONDS:g} s at most each" if SECONDS else "as long as it takes"
    return [
        f"- {len(properties)} properties, part {PART} of {PARTS or 1}, in {_minutes(properties)}"
        f" ({within}): seed {config.getoption('--hypothesis-seed')}",
        *(f"  - {_name(found)}{_remarks(found)}" for found in properties),
    ]


def _name(found: pytest.TestReport) -> str:
    file, _, name = found.nodeid.partition("::")
    return f"{Path(file).stem.removeprefix('test_')}: {name}"


def _remarks(found: pytest.TestReport) -> str:
    return "".join(f"; {name} {text}" for name, text in found.user_properties).replace(
        f"; {DONE} ", ": "
    )


def _keyword(config: pytest.Config) -> str:
    keyword = config.getoption("-k")
    return f" and `-k '{keyword}'`" if keyword else ""


def _is_report(found: object) -> TypeGuard[pytest.TestReport]:
    return isinstance(found, pytest.TestReport)


def _minutes(reports: list[pytest.TestReport]) -> str:
    whole = round(sum(found.duration for found in reports))
    return f"{whole // 60} min {whole % 60} s"


def _commit() -> str:
    said = subprocess.run(
        ["git", "describe", "--always", "--dirty"],
        cwd=_REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    return said.stdout.strip() or "unknown"
