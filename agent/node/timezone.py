"""The time zone of the node's clock."""

from __future__ import annotations

from agent.errors import StepFailed
from agent.system.former import Former
from agent.system.host import Host

_LINK, _NAME_FILE = "/etc/localtime", "/etc/timezone"
_ZONES = "/usr/share/zoneinfo"


class TimezoneStep:
    """The link that decides, and the name that Debian keeps beside it."""

    def __init__(self, zone: str, host: Host) -> None:
        self._zone, self._host = zone, host
        self._former = Former(host.files)
        self._former_link: str | None = None

    def holds(self) -> bool:
        return self._link() == f"{_ZONES}/{self._zone}"

    def act(self) -> None:
        files = self._host.files
        if not files.exists(f"{_ZONES}/{self._zone}"):
            raise StepFailed(f"this system does not know the time zone {self._zone}")
        self._former_link = self._link()
        _ = files.link(_LINK, to=f"{_ZONES}/{self._zone}")
        _ = self._former.write(_NAME_FILE, f"{self._zone}\n")

    def undo(self) -> None:
        self._former.restore()
        if self._former_link is not None:
            _ = self._host.files.link(_LINK, to=self._former_link)

    def _link(self) -> str | None:
        return self._host.files.link_to(_LINK)
