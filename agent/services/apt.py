"""What apt is told: proxies, who is asked without them, a mirror, no updates."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from agent.values.exclusions import covers
from agent.values.urls import split

_DISTRIBUTION = "http://deb.debian.org"
_KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
_DIRECT = "DIRECT"
_ITSELF = ("localhost", "127.0.0.1")

CHECK = ("apt-config", "dump", "APT::Periodic")
SOURCES_CHECK = ("apt-get", "-qq", "--print-uris", "update")
NO_UPDATES = 'APT::Periodic::Enable "0";\n'


def servers(mirror: str | None) -> tuple[str, ...]:
    """The hosts that packages come from."""
    return (split(mirror or _DISTRIBUTION, ("http", "https")).host,)


def proxies(
    http: str | None,
    https: str | None,
    excluded: Sequence[str],
    *,
    own: Iterable[str],
    servers: Iterable[str],
) -> str | None:
    """apt.conf(5); None without a proxy.

    apt knows no domains and no networks here, so its own servers are looked up in them; and where
    one proxy is not said, it would take the other.
    """
    if http is None and https is None:
        return None
    direct = [*own, *_ITSELF, *(one for one in excluded if _is_one_host(one))]
    direct += [one for one in servers if covers(excluded, one)]
    # An IPv6 address has the characters by which apt parts the names of its options.
    hosts = sorted({one for one in direct if ":" not in one})
    ways = {"http": http, "https": https}
    lines = [f'Acquire::{way}::Proxy "{proxy or _DIRECT}";' for way, proxy in ways.items()]
    lines += [f'Acquire::{way}::Proxy::{host} "{_DIRECT}";' for way in ways for host in hosts]
    return "".join(f"{line}\n" for line in lines)


def _is_one_host(entry: str) -> bool:
    return not (entry.startswith((".", "*")) or "/" in entry)


def sources(mirror: str, codename: str) -> str:
    """sources.list(5), in its form of stanzas."""
    archive, security = f"{mirror}/debian", f"{mirror}/debian-security"
    return "\n".join(
        (
            _stanza(archive, f"{codename} {codename}-updates"),
            _stanza(security, f"{codename}-security"),
        )
    )


def _stanza(uri: str, suites: str) -> str:
    return f"Types: deb\nURIs: {uri}\nSuites: {suites}\nComponents: main\nSigned-By: {_KEYRING}\n"
