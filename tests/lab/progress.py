"""What is being done now, for how long already, and how long it takes as a rule."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TextIO

_TICK_S = 1.0


class Progress:
    """One line a step; on a terminal the line of the running step counts on."""

    def __init__(self, expected_s: Mapping[str, float], *, out: TextIO | None = None) -> None:
        self._expected = expected_s
        self._out = out or sys.stdout
        self._began = time.monotonic()
        self.took_s: dict[str, float] = {}

    @property
    def total_s(self) -> float:
        return time.monotonic() - self._began

    def say(self, text: str) -> None:
        self._out.write(text + "\n")
        self._out.flush()

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Tell that it began, count while it runs, tell what it took."""
        began = time.monotonic()
        done = threading.Event()
        counter = threading.Thread(target=self._count, args=(name, began, done), daemon=True)
        counter.start()
        word = "failed"
        try:
            yield
            word = "done"
        finally:
            done.set()
            counter.join()
            self.took_s[name] = round(time.monotonic() - began, 1)
            self.say(f"{self._clock()}  {name}: {word} in {self.took_s[name]:.0f} s")

    def _count(self, name: str, began: float, done: threading.Event) -> None:
        expected = self._expected.get(name)
        usual = f" of about {expected:.0f} s" if expected else " s"
        if not self._out.isatty():
            self.say(
                f"{self._clock()}  {name}" + (f" (about {expected:.0f} s)" if expected else "")
            )
            return
        while not done.wait(_TICK_S):
            self._out.write(
                f"\r{self._clock()}  {name}: {time.monotonic() - began:.0f}{usual}\033[K"
            )
            self._out.flush()
        self._out.write("\r\033[K")

    def _clock(self) -> str:
        minutes, seconds = divmod(int(self.total_s), 60)
        return f"{minutes:2d}:{seconds:02d}"
