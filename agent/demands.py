"""What the running node wants of the stages: ports for now, from settings, roles and payload."""

from __future__ import annotations

from enum import StrEnum

from agent.settings.declaration import Settings
from agent.typed import NamedTuple

PEER_PORT = 13000
# A member needs a handful; several that join from behind one router share its address.
_MOST_OF_A_PEER = 32
_OUTSIDE = "none"


class Transport(StrEnum):
    """What a port is a port of."""

    TCP = "tcp"
    UDP = "udp"


class Port(NamedTuple):
    """A port that strangers may reach, and what answers there; `most` connections at once may
    come from one address, of IPv6 from one network (/64); 0 is any number.
    """

    number: int
    transport: Transport
    purpose: str
    most: int = 0


class Demands(NamedTuple):
    """What is wanted, each port once, by number."""

    ports: tuple[Port, ...]


def demands(settings: Settings, membership: str) -> Demands:
    """The ports that these settings open; `membership` is that of the accepted settings."""
    ports = [
        Port(80, Transport.TCP, "redirect to 443"),
        Port(443, Transport.TCP, "portal and payload"),
    ]
    if settings.portal.has_own_port:
        ports.append(Port(settings.portal.port, Transport.TCP, "portal"))
    if settings.node.ssh_wanted:
        ports.append(Port(22, Transport.TCP, "SSH"))
    if membership != _OUTSIDE:
        ports.append(Port(PEER_PORT, Transport.TCP, "other nodes", _MOST_OF_A_PEER))
    return Demands(tuple(sorted(ports)))
