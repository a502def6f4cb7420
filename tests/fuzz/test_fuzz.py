"""Ten million documents to each reader, and the seeds to each in every run of the tests."""

from __future__ import annotations

import os
import re
import secrets
import sys
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.fuzz.targets import TARGETS
from tests.lab.call import Said, ask

_RUNS = int(os.environ.get("BANDSTAND_FUZZ_RUNS") or 10_000_000)
# What a reader may take, whose report says how far it came; 0 is as long as it takes.
_SECONDS = int(os.environ.get("BANDSTAND_FUZZ_SECONDS") or 0)
_A_DAY_S = 86_400
_LONGEST_BYTES = 4096
_SLOWEST_S = 20
_MEMORY_MB = 1024
_DONE = re.compile(r"stat::number_of_executed_units:\s+(\d+)")
_ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", TARGETS)
def test_the_seeds_are_read(name: str) -> None:
    seeds = TARGETS[name].seeds()
    assert seeds
    for data in seeds.values():
        TARGETS[name].read(data)
        TARGETS[name].read(data[: len(data) // 2])


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, Future[Fuzzed]]]:
    """All of them, as many at a time as there are processors."""
    folder = tmp_path_factory.mktemp("fuzz")
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        yield {name: pool.submit(_fuzz, name, folder / name) for name in TARGETS}


class Fuzzed(NamedTuple):
    """How one ended, and from which seed."""

    said: Said
    seed: int


def _fuzz(name: str, folder: Path) -> Fuzzed:
    folder.mkdir()
    seed = int(os.environ.get("BANDSTAND_SEED") or 1 + secrets.randbelow(1 << 31))
    options = (
        *(f"-runs={_RUNS}", f"-max_total_time={_SECONDS}", f"-seed={seed}"),
        *(f"-max_len={_LONGEST_BYTES}", f"-timeout={_SLOWEST_S}", f"-rss_limit_mb={_MEMORY_MB}"),
        *("-print_final_stats=1", "-verbosity=1", f"-artifact_prefix={folder}/"),
    )
    fuzzer = ("env", f"--chdir={_ROOT}", sys.executable, "-m", "tests.fuzz")
    corpus = str(folder / "corpus")
    return Fuzzed(ask(*fuzzer, name, corpus, *options, within_s=(_SECONDS or _A_DAY_S) + 120), seed)


@pytest.mark.soak
@pytest.mark.skipif(sys.version_info >= (3, 14), reason="atheris has no package for this Python")
@pytest.mark.parametrize("name", TARGETS)
def test_whatever_is_given_is_read_or_refused(
    name: str,
    fuzzed: Mapping[str, Future[Fuzzed]],
    record_property: Callable[[str, object], None],
) -> None:
    said, seed = fuzzed[name].result()
    assert said.ok, said.stderr[-6000:]
    done = _DONE.search(said.stderr)
    assert done, said.stderr[-2000:]
    record_property("executions", f"{done[1]} of {_RUNS}, seed {seed}")
    assert _SECONDS or int(done[1]) >= _RUNS, "it ended before its time"
