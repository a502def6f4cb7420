"""What these stages find before they decide."""

from __future__ import annotations

from enum import StrEnum

from agent.typed import NamedTuple


class Noun(StrEnum):
    """The services, each called after the setting that it carries out."""

    KEYBOARD = "node.keyboard"
    TIME = "network.ntp"
    TRUST = "node.ca_certificates"
    PROXY = "network.http_proxy"
    MIRROR = "node.mirror"
    UPDATES = "node.updates"
    SYSLOG = "node.syslog"


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
