"""Where a secret left a trace: every shape that programs give it, in files and in processes."""

from __future__ import annotations

import base64
import threading
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.lab.call import ask

# Of a base64 text, how many characters hold bits of what stands before, by its length modulo 3.
_MIXED = (0, 2, 3)
_PAUSE_S = 0.02
_SEARCH_S = 180
# What the kernel makes up while it is read; /dev/shm is memory, and is looked at.
_NO_FILES = frozenset({"proc", "sys", "dev"})


def shapes(mark: bytes) -> frozenset[bytes]:
    """As it is, in hex, and in base64 wherever in a longer text it begins."""
    whole = {mark, mark.hex().encode(), mark.hex().upper().encode(), *_base64(mark)}
    return frozenset(whole)


def _base64(mark: bytes) -> Iterator[bytes]:
    for before, mixed in enumerate(_MIXED):
        data = bytes(before) + mark
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            yield encode(data)[mixed : len(data) * 8 // 6]


class Traces:
    """Looks for what gives secrets away; `marks` are those of each secret, by its name."""

    def __init__(self, marks: Mapping[str, Collection[bytes]]) -> None:
        self._names = {
            shape: name for name, own in marks.items() for mark in own for shape in shapes(mark)
        }
        assert not any(set(shape) & set(b"\n\0") for shape in self._names), "grep's own"

    def in_data(self, data: bytes) -> set[str]:
        """The names of the secrets that stand there."""
        return {name for shape, name in self._names.items() if shape in data}

    def in_text(self, text: str) -> set[str]:
        return self.in_data(text.encode())

    def in_tree(self, root: Path, scratch: Path) -> dict[str, set[str]]:
        """The files below `root` that hold any, as raw bytes, with the names of the secrets."""
        wanted = scratch / "marks"
        wanted.write_bytes(b"\n".join(sorted(self._names)) + b"\n")
        tops = [str(path) for path in root.iterdir() if path.name not in _NO_FILES]
        tops += [str(path) for path in (root / "dev/shm",) if path.is_dir()]
        options = ("-rlaFs", "--devices=skip", "--null", f"--file={wanted}")
        said = ask("grep", *options, "--", *sorted(tops), within_s=_SEARCH_S)
        found = [Path(name) for name in said.stdout.split("\0") if name]
        return {f"/{path.relative_to(root)}": self.in_data(path.read_bytes()) for path in found}


class Processes:
    """Reads the arguments and the environment of every process, again and again until the end."""

    def __init__(self, traces: Traces) -> None:
        self._traces = traces
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="processes", daemon=True)
        self._seen: set[bytes] = set()
        self.found: set[str] = set()

    @property
    def count(self) -> int:
        """How many different ones were seen."""
        return len(self._seen)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(_PAUSE_S):
            for folder in Path("/proc").glob("[0-9]*"):
                said = _read(folder / "cmdline") + b"\0" + _read(folder / "environ")
                if said not in self._seen:
                    self._seen.add(said)
                    self.found |= {
                        f"{said[:60]!r}: {secret}" for secret in self._traces.in_data(said)
                    }


def _read(path: Path) -> bytes:
    """Nothing where the process is gone by now."""
    try:
        return path.read_bytes()
    except OSError:
        return b""
