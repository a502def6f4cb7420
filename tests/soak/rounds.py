"""Every property many times over, in rounds.

A round has its own seed, made from the run's; a property is over when it has had its examples, when
it has no more to give, or when its time is. The report says of each how far it came.
"""

from __future__ import annotations

import functools
import os
import time
from collections.abc import Callable, Sequence
from typing import Any

import hypothesis
import pytest
from hypothesis import settings

# Whatever count of its own a property has for `make test`.
_EXAMPLES = int(os.environ.get("BANDSTAND_SOAK_EXAMPLES") or 100_000)
# But for those of which one example takes more than some 50 ms: how many, and why it is so slow.
COSTLY = {
    "tests/packer/ova/test_vmdk.py::test_after_mending_one_end_marker_ends_the_file": (
        5_000,
        "100 ms: a whole disk is compressed and read twice, and most tails are drawn anew",
    ),
}
# What a property may take; 0 is as long as it takes.
SECONDS = float(os.environ.get("BANDSTAND_SOAK_SECONDS") or 0)
# The share of this process, such as 1/2: properties need a processor each and nothing else.
PART, _, PARTS = (os.environ.get("BANDSTAND_SOAK_PART") or "1/1").partition("/")
# What Hypothesis remembers of a round grows with it.
_ROUND = 1_000
_SEEDS_APART = 1_000_003
# Where Hypothesis keeps the settings of a property; after the import there is no public way.
_SETTINGS = "_hypothesis_internal_use_settings"
DONE = "examples"


def share(items: Sequence[pytest.Item]) -> list[pytest.Item]:
    """Those of this process; what is no property runs in the first one."""
    mine, parts = int(PART) - 1, int(PARTS or 1)
    properties = [item for item in items if is_property(item)]
    chosen = set(properties[mine::parts])
    return [item for item in items if item in chosen or (mine == 0 and not is_property(item))]


def is_property(item: pytest.Item) -> bool:
    return item.get_closest_marker("hypothesis") is not None


def prolong(item: pytest.Item, seed: int) -> None:
    """Let a property run until it had its examples, and say on its report how many that were."""
    function: Any = getattr(item, "obj")  # noqa: B009 - of functions alone
    rounds = _Rounds(getattr(function, "__func__", function), wanted(item.nodeid), seed)

    @functools.wraps(function)
    def prolonged(*args: Any, **options: Any) -> None:
        try:
            rounds.run(lambda: function(*args, **options))
        finally:
            item.user_properties.append((DONE, rounds.told()))

    setattr(item, "obj", prolonged)  # noqa: B010 - of functions alone


def wanted(nodeid: str) -> int:
    """How many examples a property is to have."""
    count, _ = COSTLY.get(nodeid.partition("[")[0], (_EXAMPLES, ""))
    return min(count, _EXAMPLES)


class _Rounds:
    """Counts what really ran, whatever Hypothesis made and threw away."""

    def __init__(self, function: Any, wanted: int, seed: int) -> None:
        self._function, self._wanted, self._seed = function, wanted, seed
        self._own: settings = getattr(function, _SETTINGS)
        self._done, self._began, self._took_s, self._is_exhausted = 0, 0.0, 0.0, False

    def run(self, once: Callable[[], None]) -> None:
        handle = self._function.hypothesis
        inner = handle.inner_test
        handle.inner_test = self._counting(inner)
        self._began = time.monotonic()
        try:
            while self._goes_on():
                self._round(once)
        finally:
            handle.inner_test = inner
            self._took_s = time.monotonic() - self._began

    def told(self) -> str:
        end = " (there are no more)" if self._is_exhausted else ""
        return f"{self._done} of {self._wanted} examples in {self._took_s:.0f} s{end}"

    def _goes_on(self) -> bool:
        is_late = SECONDS and time.monotonic() - self._began >= SECONDS
        return self._done < self._wanted and not is_late and not self._is_exhausted

    def _round(self, once: Callable[[], None]) -> None:
        before = self._done
        size = min(_ROUND, self._wanted - before)
        setattr(self._function, _SETTINGS, settings(self._own, max_examples=size))
        _ = hypothesis.seed(self._seed * _SEEDS_APART + before)(self._function)
        once()
        # A space of few values is searched to its end in the first round.
        self._is_exhausted = self._done - before < size // 4

    def _counting(self, inner: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(inner)
        def counted(*args: Any, **options: Any) -> Any:
            self._done += 1
            return inner(*args, **options)

        return counted
