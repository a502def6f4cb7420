"""What holds for every test."""

from __future__ import annotations

import os
import platform
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeGuard

import pytest
from _pytest.config import ExitCode
from _pytest.terminal import TerminalReporter
from hypothesis import settings

_SOAK_FOLDER = "BANDSTAND_SOAK_REPORT"
_REPOSITORY = Path(__file__).parents[1]
# Of what a property runs in `make test`, whatever count it has there.
_TIMES = 10
# Where Hypothesis keeps the settings of a property; after the import there is no public way.
_SETTINGS = "_hypothesis_internal_use_settings"

# Time on a shared machine says nothing about the code; the same examples every time, in CI too.
settings.register_profile("bandstand", deadline=None, derandomize=True)
# `make soak`: other examples every time, and many; the seed stands in the report.
settings.register_profile("soak", deadline=None, database=None, print_blob=True)
settings.load_profile("soak" if os.environ.get(_SOAK_FOLDER) else "bandstand")


@pytest.fixture(autouse=True)
def _network_of_this_machine() -> Iterator[None]:
    """No test may touch it; the one that does is named before the next one runs."""
    before = _own_network()
    yield
    assert _own_network() == before, "this test changed the network of the machine it runs on"


def _own_network() -> tuple[list[str], list[str]]:
    """The cards, not what tests make for themselves, and the routes that leave the machine."""
    cards = sorted(path.parent.name for path in Path("/sys/class/net").glob("*/device"))
    rows = Path("/proc/net/route").read_text().splitlines()[1:]
    fields = [row.split() for row in rows]
    return cards, sorted(f"{card} {to} {via}" for card, to, via, *_ in fields if int(via, 16))


@pytest.hookimpl(trylast=True)  # Hypothesis marks its own first.
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """In a soak every property runs so many times its own number of examples."""
    if not os.environ.get(_SOAK_FOLDER):
        return
    functions = {_function(item): None for item in items if item.get_closest_marker("hypothesis")}
    for function in functions:
        own: settings = getattr(function, _SETTINGS)
        setattr(function, _SETTINGS, settings(own, max_examples=_many(own)))


def _many(own: settings) -> int:
    count: object = getattr(own, "max_examples")  # noqa: B009 (typed as unknown)
    assert isinstance(count, int)
    return count * _TIMES


def _function(item: pytest.Item) -> object:
    called = getattr(item, "obj", None)
    return getattr(called, "__func__", called)


def pytest_terminal_summary(
    terminalreporter: TerminalReporter, exitstatus: ExitCode, config: pytest.Config
) -> None:
    """After a soak: what ran, on which commit, from which seed, and what came out."""
    folder = os.environ.get(_SOAK_FOLDER)
    if not folder:
        return
    target = _REPOSITORY / folder / "report.md"
    target.parent.mkdir(parents=True, exist_ok=True)
    head = "# Soak\n" if not target.exists() else target.read_text(encoding="utf-8")
    text = "\n".join(_report(terminalreporter, exitstatus, config))
    _ = target.write_text(f"{head}\n{text}\n", encoding="utf-8")


def _report(reporter: TerminalReporter, status: ExitCode, config: pytest.Config) -> list[str]:
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
        f"- {len(properties)} properties in {_minutes(properties)}: seed"
        f" {config.getoption('--hypothesis-seed')}, {_TIMES} times the examples of `make test`"
        f" (a property without a count of its own: {_many(settings())})",
        *(f"- {found.nodeid.rpartition('::')[2]}: {_minutes([found])}" for found in others),
        *(f"- **{found.outcome} in {found.when}**: `{found.nodeid}`" for found in wrong),
    ]


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
