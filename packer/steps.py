"""Cached build steps: made once for the same inputs, written beside and renamed, timed."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from agent.system.run import run
from packer.tool import privileged, say, told

_KEPT = 3
_KEY_LENGTH = 16
# Others keep theirs in the same folder under longer names.
_KEY = "[0-9a-f]" * _KEY_LENGTH


def digest(*parts: str | bytes | Path) -> str:
    """One hash over texts and over files and folders with their names, modes and content."""
    total = hashlib.sha256()
    for part in parts:
        for chunk in _chunks(part):
            total.update(len(chunk).to_bytes(8, "big"))
            total.update(chunk)
    return total.hexdigest()


def _chunks(part: str | bytes | Path) -> Iterable[bytes]:
    if isinstance(part, bytes):
        yield part
    elif isinstance(part, str):
        yield part.encode()
    else:
        for path in sources(part):
            executable = b"x" if path.stat().st_mode & 0o100 else b"-"
            yield path.relative_to(part.parent).as_posix().encode() + b"\0" + executable
            yield path.read_bytes()


def sources(path: Path) -> list[Path]:
    """The file, or the files below the folder that are sources: no byte code."""
    if path.is_file():
        return [path]
    return sorted(
        found for found in path.rglob("*") if found.is_file() and "__pycache__" not in found.parts
    )


@dataclass
class Report:
    """build/report.json: what was done, how long it took, how large it is."""

    path: Path
    content: dict[str, Any] = field(default_factory=dict[str, Any])

    def __post_init__(self) -> None:
        if self.path.is_file():
            try:
                self.content = json.loads(self.path.read_text(encoding="utf-8"))
            except ValueError:
                self.content = {}

    def step(self, name: str, *, seconds: float, cached: bool, key: str = "") -> None:
        """A cached step keeps the time that making it took."""
        steps = self.content.setdefault("steps", {})
        before = steps.get(name, {})
        made = before.get("seconds") if cached else round(seconds, 1)
        steps[name] = {"seconds": made, "cached": cached, "key": key}
        self._write()

    def size(self, name: str, size: int) -> None:
        self.content.setdefault("sizes", {})[name] = size
        self._write()

    def _write(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        beside = self.path.with_name(f".{self.path.name}.new")
        beside.write_text(json.dumps(self.content, indent=2) + "\n", encoding="utf-8")
        _ = beside.replace(self.path)


@dataclass(frozen=True)
class Cache:
    """Folders of finished stages, each under its name and the hash of its inputs."""

    folder: Path
    report: Report

    def made(
        self, name: str, key: str, make: Callable[[Path], None], *, words: str, fresh: bool = False
    ) -> Path:
        """The folder of this stage, made by `make(folder)` unless it is there already."""
        short = key[:_KEY_LENGTH]
        target = self.folder / f"{name}-{short}"
        self.folder.mkdir(parents=True, exist_ok=True)
        with _held(self.folder / f".{name}.lock"):
            if target.is_dir() and not fresh:
                os.utime(target)
                say(f"  {words}: as before")
                self.report.step(name, seconds=0, cached=True, key=short)
                return target
            began = time.monotonic()
            with told(words):
                self._make(target, make)
            self.report.step(name, seconds=time.monotonic() - began, cached=False, key=short)
            self._forget_old(name)
        return target

    def _make(self, target: Path, make: Callable[[Path], None]) -> None:
        beside = target.with_name(f".{target.name}.part")
        remove_tree(beside)
        beside.mkdir()
        try:
            make(beside)
            remove_tree(target)
            _ = beside.replace(target)
        finally:
            remove_tree(beside)

    def _forget_old(self, name: str) -> None:
        found = [path for path in self.folder.glob(f"{name}-{_KEY}") if path.is_dir()]
        found.sort(key=lambda path: path.stat().st_mtime, reverse=True)
        for old in found[_KEPT:]:
            remove_tree(old)


def remove_tree(path: Path) -> None:
    """Remove a folder whoever owns what is in it."""
    if path.exists():
        for left in _mounts_below(path):
            _ = run(*privileged("umount", left), timeout_s=60)
        _ = run(*privileged("rm", "-rf", "--one-file-system", str(path)), timeout_s=300)


def _mounts_below(path: Path) -> list[str]:
    """Mounts that a killed build left, the innermost first."""
    rows = Path("/proc/self/mounts").read_text(encoding="utf-8").splitlines()
    found = [row.split()[1].replace("\\040", " ") for row in rows]
    return [one for one in reversed(found) if Path(one).is_relative_to(path.resolve())]


@contextmanager
def _held(lock: Path) -> Iterator[None]:
    """Two builds at once make a stage once."""
    with lock.open("w") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield
