"""Look at what the node uses of others now. All that a node loads here which was given nothing."""

from __future__ import annotations

import os

from agent.services import places
from agent.settings.declaration import Settings
from agent.system import own
from agent.system.files import Files
from agent.system.host import Host
from agent.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from agent.services.state import Observed

# systemd-networkd's own, of all leases together.
_LEASES = "/run/systemd/netif/state"
_RELEASE = "/etc/os-release"


def is_idle(setting: str, settings: Settings, files: Files) -> bool:
    """Whether nothing is asked of this service, and nothing was before."""
    if _is_asked(setting, settings):
        return False
    if any(os.path.lexists(files.place(name)) for name in places.TRACES[setting]):
        return False
    return setting != "network.ntp" or not leased(files)


def _is_asked(setting: str, settings: Settings) -> bool:
    """Whether its setting says anything but what unset means."""
    if setting == "network.http_proxy":
        return settings.network.http_proxy is not None or settings.network.https_proxy is not None
    category, _, name = setting.partition(".")
    section = getattr(settings, category)
    return bool(getattr(section, name) != section._field_defaults[name])


def observe(host: Host) -> Observed:
    # A boot with nothing to do here does not come this far.
    from agent.services.state import Observed

    files = host.files
    return Observed(
        leased=leased(files),
        own=(*own.names(files), *own.addresses(files)),
        trusted=files.names(places.TRUST_FOLDER, places.TRUST_PATTERN),
        sources=files.read(places.SOURCES),
        kept=files.read(places.SOURCES_KEPT),
        codename=_said(files, _RELEASE, "VERSION_CODENAME").strip('"'),
    )


def leased(files: Files) -> tuple[str, ...]:
    """The time servers that the leases name."""
    return tuple(_said(files, _LEASES, "NTP").split())


def _said(files: Files, name: str, key: str) -> str:
    """The value of a line KEY=value."""
    for line in (files.read(name) or "").splitlines():
        if line.startswith(f"{key}="):
            return line.partition("=")[2]
    return ""
