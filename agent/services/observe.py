"""Look at what the node uses of others now. All that a node loads here which was given nothing."""

from __future__ import annotations

from agent.services import state
from agent.services.state import Noun, Observed
from agent.settings.declaration import Settings
from agent.system import own
from agent.system.files import Files
from agent.system.host import Host

# systemd-networkd's own, of all leases together.
_LEASES = "/run/systemd/netif/state"
_RELEASE = "/etc/os-release"
_TRACES = {
    Noun.KEYBOARD: (state.KEYBOARD_FILE,),
    Noun.TIME: (state.TIME_GIVEN, state.TIME_LEASED),
    Noun.TRUST: (),
    Noun.PROXY: (state.PROXY_FILE,),
    Noun.MIRROR: (state.SOURCES_KEPT,),
    Noun.UPDATES: (state.UPDATES_FILE,),
    Noun.SYSLOG: (state.SYSLOG_FILE,),
}


def is_idle(noun: Noun, settings: Settings, files: Files) -> bool:
    """Whether nothing is asked of this service, and nothing was before."""
    if is_asked(noun, settings) or any(files.exists(name) for name in _TRACES[noun]):
        return False
    if noun is Noun.TRUST:
        return not _trusted(files)
    return noun is not Noun.TIME or not leased(files)


def is_asked(noun: Noun, settings: Settings) -> bool:
    """Whether its setting says anything but what unset means."""
    if noun is Noun.PROXY:
        return settings.network.http_proxy is not None or settings.network.https_proxy is not None
    category, _, name = noun.partition(".")
    section = getattr(settings, category)
    return bool(getattr(section, name) != section._field_defaults[name])


def observe(host: Host) -> Observed:
    files = host.files
    return Observed(
        leased=leased(files),
        own=(*own.names(files), *own.addresses(files)),
        trusted=_trusted(files),
        sources=files.read(state.SOURCES),
        kept=files.read(state.SOURCES_KEPT),
        codename=_said(files, _RELEASE, "VERSION_CODENAME").strip('"'),
    )


def leased(files: Files) -> tuple[str, ...]:
    """The time servers that the leases name."""
    return tuple(_said(files, _LEASES, "NTP").split())


def _trusted(files: Files) -> tuple[str, ...]:
    return files.names(state.TRUST_FOLDER, state.TRUST_PATTERN)


def _said(files: Files, name: str, key: str) -> str:
    """The value of a line KEY=value."""
    for line in (files.read(name) or "").splitlines():
        if line.startswith(f"{key}="):
            return line.partition("=")[2]
    return ""
