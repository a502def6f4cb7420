"""Two runs of pytest at a time: the boots of the appliance mostly wait for one emulated processor
or another, and meanwhile all other tests run, those with a boot of their own among them.

What the second one says is shown when the first is over, from its beginning and then as it comes.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).parents[2]
_LOG = ROOT / "build/log/appliance-tests.log"
_LOOK_S = 1.0
_PYTEST = (sys.executable, "-m", "pytest")
# Around the first node, which they share, and as long as all the rest.
_LONG = tuple(f"tests/appliance/test_{one}.py" for one in ("alone", "pair", "power_cut"))
_FIRST = (*_PYTEST, "tests", "-m", "not soak", *(f"--ignore={file}" for file in _LONG))
_SECOND = (*_PYTEST, *_LONG, "-m", "not soak")


def main() -> int:
    return side_by_side(_FIRST, _SECOND, _LOG)


def side_by_side(first: Sequence[str], second: Sequence[str], log: Path) -> int:
    """The worse of their exit codes; an interrupt ends both, each with what it made."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as file:
        both = [
            subprocess.Popen(second, cwd=ROOT, stdout=file, stderr=file, stdin=subprocess.DEVNULL),
            subprocess.Popen(first, cwd=ROOT, stdin=subprocess.DEVNULL),
        ]
    try:
        code = both[1].wait()
        _follow(both[0], log)
        return max(_code(code), _code(both[0].wait()))
    except KeyboardInterrupt:
        _end(both)
        return 128 + signal.SIGINT


def _code(returned: int) -> int:
    """As a shell has it: who was ended by a signal did not end well."""
    return 128 - returned if returned < 0 else returned


def _follow(process: subprocess.Popen[bytes], log: Path) -> None:
    with log.open("rb") as file:
        is_over = False
        while not is_over:
            # Once more after its end, for its last words.
            is_over = process.poll() is not None
            shutil.copyfileobj(file, sys.stdout.buffer)
            sys.stdout.flush()
            if not is_over:
                with suppress(subprocess.TimeoutExpired):
                    _ = process.wait(_LOOK_S)


def _end(processes: Sequence[subprocess.Popen[bytes]]) -> None:
    """Where a terminal sent the interrupt they heard it themselves; each takes down its own."""
    for one in processes:
        if one.poll() is None and not os.isatty(0):
            one.send_signal(signal.SIGINT)
    for one in processes:
        _ = one.wait()


if __name__ == "__main__":
    sys.exit(main())
