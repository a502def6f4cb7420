"""The build's door to programs that run for long: their words go to a log, time to the screen."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from agent.errors import CommandFailed, UsageError

_LAST_LINES = 15
_TICK_S = 10
# Packer ends its machine, and takes away what it made.
_TIDY_S = 30


def say(words: str) -> None:
    _ = sys.stdout.write(words + "\n")
    _ = sys.stdout.flush()


def find(program: str, *, package: str) -> str:
    """The path of a program that must be there."""
    found = shutil.which(program, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if found is None:
        raise UsageError(
            f"the program {program} is missing",
            hint=f"install the package {package}, or: make setup",
        )
    return found


def privileged(*argv: str) -> tuple[str, ...]:
    """The same command with the rights of root, through sudo where we are not root."""
    if os.geteuid() == 0:
        return argv
    if shutil.which("sudo") is None:
        raise UsageError("this needs root, or sudo", hint="run it as root, or install sudo")
    return ("sudo", *argv)


def _ended(process: subprocess.Popen[bytes], timeout_s: float) -> int:
    """Its exit code; where it is not waited for any longer, it is told so, and tidies up first:
    Packer killed leaves its machine running.
    """
    try:
        return process.wait(timeout_s)
    finally:
        if process.poll() is None:
            _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        _ = process.wait(_TIDY_S)
    except subprocess.TimeoutExpired:
        process.kill()
        _ = process.wait()


def logged(
    *argv: str,
    log: Path,
    environment: Mapping[str, str] | None = None,
    timeout_s: float = 3600,
    folder: Path | None = None,
) -> None:
    """Run a program to its end with its words appended to `log`.

    Raises CommandFailed with the last lines when it ends non-zero, is missing or outlasts its time.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    start = log.stat().st_size if log.exists() else 0
    try:
        with log.open("ab") as stream:
            process = subprocess.Popen(
                argv,
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=subprocess.STDOUT,
                env={**os.environ, "LC_ALL": "C", **(environment or {})},
                cwd=folder,
            )
        returncode = _ended(process, timeout_s)
    except FileNotFoundError as error:
        raise CommandFailed(f"the program {argv[0]} is not installed", hint="make setup") from error
    except subprocess.TimeoutExpired as error:
        raise CommandFailed(f"{argv[0]} did not finish within {timeout_s:g} seconds") from error
    if returncode != 0:
        said = log.read_bytes()[start:].decode(errors="replace").rstrip().splitlines()
        last = "\n".join(said[-_LAST_LINES:])
        raise CommandFailed(
            f"{Path(argv[0]).name} ended with status {returncode}; its last words:\n{last}",
            hint=f"all of them: {log}",
        )


@contextmanager
def told(words: str) -> Iterator[None]:
    """Say what begins, how long it has been going on, and when it ended."""
    say(f"  {words} …")
    began = time.monotonic()
    over = threading.Event()

    def tick() -> None:
        while not over.wait(_TICK_S):
            if sys.stdout.isatty():
                _ = sys.stdout.write(f"    {time.monotonic() - began:.0f} s\r")
                _ = sys.stdout.flush()

    watcher = threading.Thread(target=tick, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()
    say(f"    done in {time.monotonic() - began:.1f} s")
