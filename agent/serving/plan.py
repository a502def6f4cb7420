"""What nginx is to serve, under which names, and whether it does so already."""

from __future__ import annotations

from agent.settings.declaration import Settings
from agent.steps.step import key_of
from agent.typed import NamedTuple


class Layout(NamedTuple):
    """Where nginx listens and as whom it works; other ports are for tests."""

    http_port: int = 80
    https_port: int = 443
    user: str = "www-data"


class Observed(NamedTuple):
    """`config_key` is that of the file in force, empty when it was changed by hand; `live` and
    `verified` are the pairs that those links name, `live_sha256` the live one's fingerprint.
    """

    names: tuple[str, ...]
    addresses: tuple[str, ...]
    has_ipv6: bool
    template: str
    config_key: str
    live: str
    live_sha256: str
    verified: str
    is_running: bool


class ServingPlan(NamedTuple):
    """Configuration and pair together; `key` names both, `config_key` the configuration alone.

    `portal_port` is 0 where the portal has no port of its own, `portal_certificate` blank where it
    has no pair of its own there.
    """

    public_name: str
    management_names: tuple[str, ...]
    has_ipv6: bool
    live: str
    live_sha256: str
    config_key: str
    key: str
    keep: bool
    layout: Layout = Layout()
    portal_port: int = 0
    portal_certificate: str = ""


def plan(settings: Settings, observed: Observed, *, layout: Layout | None = None) -> ServingPlan:
    """The portal's own names matter, and go into the configuration, once there is a public one."""
    wanted = layout or Layout()
    public_name = settings.cluster.hostname or ""
    management = _management(settings, observed) if public_name else ()
    portal_port = settings.portal.port if settings.portal.has_own_port else 0
    portal_certificate = settings.portal.certificate or ""
    config_key = key_of(
        *(observed.template, public_name, management, observed.has_ipv6, wanted),
        *(portal_port, portal_certificate),
    )
    return ServingPlan(
        public_name,
        management,
        observed.has_ipv6,
        observed.live,
        observed.live_sha256,
        config_key,
        key_of(config_key, observed.live),
        keep=observed.is_running
        and observed.config_key == config_key
        and observed.live != ""
        and observed.live == observed.verified,
        layout=wanted,
        portal_port=portal_port,
        portal_certificate=portal_certificate,
    )


def _management(settings: Settings, observed: Observed) -> tuple[str, ...]:
    """The first is where browsers are sent; from outside the node's own may lead nowhere."""
    names = (settings.node.public_address, *observed.addresses, *observed.names)
    found = dict.fromkeys(name for name in names if name)
    return tuple(name for name in found if name != settings.cluster.hostname)
