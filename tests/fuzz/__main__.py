"""`python -m tests.fuzz TARGET CORPUS [-runs=N] [-max_total_time=S] …`, as libFuzzer has them."""

from __future__ import annotations

import sys
from pathlib import Path

import atheris


def main() -> None:
    program, name, corpus, *options = sys.argv
    # What is imported here reports its branches to the fuzzer.
    with atheris.instrument_imports(include=["agent", "yaml"]):
        from tests.fuzz.targets import TARGETS
    target = TARGETS[name]
    folder = Path(corpus)
    folder.mkdir(parents=True, exist_ok=True)
    for seed, data in target.seeds().items():
        _ = (folder / f"seed-{seed}").write_bytes(data)
    atheris.Setup([program, *options, corpus], target.read)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
