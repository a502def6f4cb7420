"""What these stages find before they decide, and the files that are theirs."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Noun(StrEnum):
    """The services, each called after the setting that it carries out."""

    KEYBOARD = "node.keyboard"
    TIME = "network.ntp"
    TRUST = "node.ca_certificates"
    PROXY = "network.http_proxy"
    MIRROR = "node.mirror"
    UPDATES = "node.updates"
    SYSLOG = "node.syslog"


# Chrony takes the first of these two, and where there is none the distribution's pool.
TIME_GIVEN = "/etc/chrony/sources.d/bandstand.sources"
TIME_LEASED = "/run/chrony-dhcp/bandstand.sources"
TRUST_FOLDER, TRUST_PATTERN = "/usr/local/share/ca-certificates", "bandstand-*.crt"
PROXY_FILE = "/etc/apt/apt.conf.d/90bandstand-proxy"
SOURCES = "/etc/apt/sources.list.d/debian.sources"
# The distribution's own, meanwhile; apt passes such a name over in silence.
SOURCES_KEPT = f"{SOURCES}.disabled"
UPDATES_FILE = "/etc/apt/apt.conf.d/90bandstand-updates"
KEYBOARD_FILE = "/etc/bandstand/keyboard"
SYSLOG_FILE = "/etc/bandstand/syslog.conf"


class Observed(NamedTuple):
    """`leased` are the time servers of the leases, `own` the node's names and addresses.

    `trusted` are the files of CAs that we laid; `sources` and `kept` what those files hold.
    """

    leased: tuple[str, ...] = ()
    own: tuple[str, ...] = ()
    trusted: tuple[str, ...] = ()
    sources: str | None = None
    kept: str | None = None
    codename: str = ""
