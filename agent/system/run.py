"""The only door to processes."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence

from agent.errors import CommandFailed
from agent.typed import NamedTuple, Protocol

_LAST_WORDS = 400


class Completed(NamedTuple):
    """How a program ended: `returncode`, and what it said as text."""

    argv: tuple[str, ...]
    returncode: int
    stdout: str
    stderr: str

    @property
    def ok(self) -> bool:
        return self.returncode == 0


class Run(Protocol):
    """The shape of this door, so that tests can stand in for it."""

    def __call__(
        self,
        *argv: str,
        check: bool = True,
        stdin: str | None = None,
        timeout_s: float = 60,
        environment: Mapping[str, str] | None = None,
    ) -> Completed: ...


def run(
    *argv: str,
    check: bool = True,
    stdin: str | None = None,
    timeout_s: float = 60,
    environment: Mapping[str, str] | None = None,
) -> Completed:
    """Run a program without a shell; `stdin` is where secrets go, never `argv`.

    Raises CommandFailed when it is missing, outlasts `timeout_s`, or (with `check`) ends non-zero.
    """
    try:
        done = subprocess.run(
            argv,
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=timeout_s,
            check=False,
            env={**os.environ, "LC_ALL": "C", **(environment or {})},
        )
    except FileNotFoundError as error:
        raise CommandFailed(f"the program {argv[0]} is not installed") from error
    except subprocess.TimeoutExpired as error:
        raise CommandFailed(f"{argv[0]} did not finish within {timeout_s:g} seconds") from error
    completed = Completed(tuple(argv), done.returncode, done.stdout, done.stderr)
    if check and not completed.ok:
        raise failed(completed)
    return completed


def failed(completed: Completed) -> CommandFailed:
    """The error that tells how a program ended, with its last words."""
    words = (completed.stderr.strip() or completed.stdout.strip())[-_LAST_WORDS:]
    said = f": {words}" if words else ""
    command = shown(completed.argv)
    return CommandFailed(f"{command} ended with status {completed.returncode}{said}")


def shown(argv: Sequence[str]) -> str:
    """The command as a person would read it, cut after its first few words."""
    return " ".join(argv[:4]) + (" …" if len(argv) > 4 else "")
