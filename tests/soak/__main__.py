"""`make soak`: the properties, a share to each processor; then what is marked soak, by itself."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys

from tests.soak.report import FOLDER

_PROPERTIES = "hypothesis and not node and not appliance and not soak"


def main() -> int:
    """The worst of their exit codes; the seed stands in the report."""
    parts, seed = os.cpu_count() or 1, secrets.randbelow(10**9)
    running = [
        _start(f"{number}/{parts}", "-q", f"--hypothesis-seed={seed}", "-m", _PROPERTIES)
        for number in range(1, parts + 1)
    ]
    codes = [process.wait() for process in running]
    codes.append(_start("1/1", "-m", "soak").wait())
    return max(codes)


def _start(part: str, *options: str) -> subprocess.Popen[bytes]:
    environment = {**os.environ, FOLDER: "docs/soak", "BANDSTAND_SOAK_PART": part}
    return subprocess.Popen((sys.executable, "-m", "pytest", "tests", *options), env=environment)


if __name__ == "__main__":
    sys.exit(main())
