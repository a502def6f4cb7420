"""Lines to and from standard input and output, for the line mode."""

from __future__ import annotations

import getpass
import sys


class Talk:
    """What is masked is not echoed, where the input is a terminal at all."""

    def say(self, text: str) -> None:
        _ = sys.stdout.write(f"{text}\n")
        _ = sys.stdout.flush()

    def hear(self, prompt: str, *, is_masked: bool = False) -> str:
        if is_masked and sys.stdin.isatty():
            return getpass.getpass(prompt)
        _ = sys.stdout.write(prompt)
        _ = sys.stdout.flush()
        line = sys.stdin.readline()
        if not line:
            raise EOFError
        return line.rstrip("\r\n")
