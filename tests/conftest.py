"""What holds for every test."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from _pytest.config import ExitCode
from _pytest.terminal import TerminalReporter
from hypothesis import HealthCheck, settings

from tests.soak import report, rounds

_IS_SOAK = bool(os.environ.get(report.FOLDER))

# Time on a shared machine says nothing about the code.
_timeless = settings(deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])
# The same examples every time, in CI too.
settings.register_profile("bandstand", _timeless, derandomize=True)
# `make soak`: other examples every time, and many; the seed stands in the report.
settings.register_profile("soak", _timeless, database=None, print_blob=True)
settings.load_profile("soak" if _IS_SOAK else "bandstand")


@pytest.fixture(autouse=True)
def network_of_this_machine() -> Iterator[None]:
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
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """In a soak every property runs until it had its examples."""
    if not _IS_SOAK:
        return
    items[:] = rounds.share(items)
    said: object = config.getoption("--hypothesis-seed")
    seed = int(str(said or 0))
    for item in filter(rounds.is_property, items):
        rounds.prolong(item, seed)


def pytest_terminal_summary(
    terminalreporter: TerminalReporter, exitstatus: ExitCode, config: pytest.Config
) -> None:
    """What random tests drew, and after a soak its report."""
    stats = terminalreporter.stats
    for found in (*stats.get("passed", ()), *stats.get("failed", ())):
        if isinstance(found, pytest.TestReport) and found.when == "call":
            name = found.nodeid.rpartition("::")[2]
            for what, text in found.user_properties:
                terminalreporter.write_line(f"{name}: {what} {text}")
    if _IS_SOAK:
        report.append(terminalreporter, exitstatus, config)
