"""Where the screen has its words from: status.json, read again when it changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from agent.status.merge import STATUS, published
from agent.system.host import Host
from agent.typed import Any
from firstboot.console.world import News, World

RELEASE = "/etc/bandstand/release"

_WHEN = "updated"

_Mark = tuple[int, int, int]


@dataclass
class FileSource:
    """Gives the world of now; the age of news is counted by a clock that nobody sets."""

    host: Host
    is_private: bool = True
    _mark: _Mark | None = None
    _status: Mapping[str, Any] = field(default_factory=dict[str, Any])
    _product: str = ""
    _heard_s: float = 0.0

    def __post_init__(self) -> None:
        self._product = _product(self.host)
        self._heard_s = self.host.clock.monotonic_s()

    def world(self) -> World:
        self._look()
        now_s = self.host.clock.monotonic_s()
        return World(
            now=self.host.clock.now(),
            monotonic_s=now_s,
            product=self._product,
            status=self._status,
            news=News(max(0.0, now_s - self._heard_s), exists=bool(self._status)),
            is_private=self.is_private,
        )

    def _look(self) -> None:
        mark = self._mark_of_file()
        if mark is None or mark == self._mark:
            return
        status = published(self.host.files)
        if status:
            is_first, self._mark = self._mark is None, mark
            # The same words again are news, but nothing to draw anew.
            self._status = self._status if _is_same(status, self._status) else status
            self._heard_s = self.host.clock.monotonic_s() - (self._age(mark) if is_first else 0)

    def _mark_of_file(self) -> _Mark | None:
        """None while there is none; what was shown last then stays, and grows old."""
        try:
            found = self.host.files.path(STATUS).stat()
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns, found.st_size

    def _age(self, mark: _Mark) -> float:
        """A screen that starts late does not call old news new."""
        return max(0.0, self.host.clock.now().timestamp() - mark[1] / 1e9)


def _is_same(new: Mapping[str, Any], old: Mapping[str, Any]) -> bool:
    return {**new, _WHEN: ""} == {**old, _WHEN: ""}


def _product(host: Host) -> str:
    lines = (host.files.read(RELEASE) or "").splitlines()
    found = [
        line.partition("=")[2].strip().strip('"') for line in lines if line.startswith("NAME=")
    ]
    return found[0] if found and found[0] else "Bandstand"
