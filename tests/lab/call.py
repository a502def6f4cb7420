"""Running a program and believing its exit code; the lab's own small door."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass


class LabError(Exception):
    """The harness could not do what a test or the demo asked of it."""


@dataclass(frozen=True)
class Said:
    """How a program ended and what it said."""

    returncode: int
    stdout: str
    stderr: str

    @property
    def ok(self) -> bool:
        return self.returncode == 0


def ask(*argv: str, stdin: str | None = None, within_s: float = 60) -> Said:
    """Run it to its end, whatever that is; raises LabError when it is missing or too slow."""
    try:
        done = subprocess.run(
            argv,
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=within_s,
            check=False,
            env={**os.environ, "LC_ALL": "C"},
        )
    except FileNotFoundError as error:
        raise LabError(f"the program {argv[0]} is not installed") from error
    except subprocess.TimeoutExpired as error:
        raise LabError(f"{_short(argv)} did not finish within {within_s:g} s") from error
    return Said(done.returncode, done.stdout, done.stderr)


def call(*argv: str, stdin: str | None = None, within_s: float = 60) -> str:
    """What the program wrote; raises LabError with its last words when it fails."""
    said = ask(*argv, stdin=stdin, within_s=within_s)
    if not said.ok:
        words = (said.stderr.strip() or said.stdout.strip())[-600:]
        raise LabError(f"{_short(argv)} ended with status {said.returncode}: {words}")
    return said.stdout


def _short(argv: tuple[str, ...]) -> str:
    return " ".join(argv[:8])
