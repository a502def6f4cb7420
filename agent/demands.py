"""What the running node wants of the stages: ports for now, from settings, roles and payload."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from agent.settings.declaration import Settings

PEER_PORT = 13000
_OUTSIDE = "none"


class Transport(StrEnum):
    """What a port is a port of."""

    TCP = "tcp"
    UDP = "udp"


@dataclass(frozen=True, order=True)
class Port:
    """A port that strangers may reach, and what answers there."""

    number: int
    transport: Transport
    purpose: str


@dataclass(frozen=True)
class Demands:
    """What is wanted, each port once, by number."""

    ports: tuple[Port, ...]


def demands(settings: Settings, membership: str) -> Demands:
    """The ports that these settings open; `membership` is that of the accepted settings."""
    ports = [
        Port(80, Transport.TCP, "redirect to 443"),
        Port(443, Transport.TCP, "portal and payload"),
    ]
    if settings.node.ssh_wanted:
        ports.append(Port(22, Transport.TCP, "SSH"))
    if membership != _OUTSIDE:
        ports.append(Port(PEER_PORT, Transport.TCP, "other nodes"))
    return Demands(tuple(sorted(ports)))
