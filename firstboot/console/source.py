"""Where the screen has its words from: status.json, read again when it changed."""

from __future__ import annotations

from collections.abc import Mapping

from agent.status.merge import STATUS, published
from agent.system.host import Host
from agent.typed import Any
from firstboot.console.model import News, Page, page

RELEASE = "/etc/bandstand/release"

_Mark = tuple[int, int, int]


class Source:
    """Gives the page of now; the age of news is counted by a clock that nobody sets."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._product = _product(host)
        self._mark: _Mark | None = None
        self._status: Mapping[str, Any] = {}
        self._heard_s = host.clock.monotonic_s()

    def page(self) -> Page:
        self._look()
        age_s = max(0.0, self._host.clock.monotonic_s() - self._heard_s)
        news = News(age_s, exists=bool(self._status))
        return page(self._status, product=self._product, news=news, now=self._host.clock.now())

    def _look(self) -> None:
        mark = self._mark_of_file()
        if mark is None or mark == self._mark:
            return
        status = published(self._host.files)
        if status:
            is_first = self._mark is None
            self._mark, self._status = mark, status
            self._heard_s = self._host.clock.monotonic_s() - (self._age(mark) if is_first else 0)

    def _mark_of_file(self) -> _Mark | None:
        """None while there is none; what was shown last then stays, and grows old."""
        try:
            found = self._host.files.path(STATUS).stat()
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns, found.st_size

    def _age(self, mark: _Mark) -> float:
        """A screen that starts late does not call old news new."""
        return max(0.0, self._host.clock.now().timestamp() - mark[1] / 1e9)


def _product(host: Host) -> str:
    lines = (host.files.read(RELEASE) or "").splitlines()
    found = [
        line.partition("=")[2].strip().strip('"') for line in lines if line.startswith("NAME=")
    ]
    return found[0] if found and found[0] else "Bandstand"
