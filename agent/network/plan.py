"""Decide what ens32 is to be, and the file by which systemd-networkd keeps it so."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Interface
from typing import NamedTuple

from agent.network.state import INTERFACE, Observed
from agent.settings.network import Network
from agent.steps.step import key_of


class NetworkPlan(NamedTuple):
    """`address` and `gateway` are those of a static node; without address it is DHCP.

    `text` is the whole of networkd's file; `foreign` are files to take away.
    """

    address: IPv4Interface | None
    gateway: IPv4Address | None
    text: str
    foreign: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        return key_of(self.text)


def plan(settings: Network, observed: Observed) -> NetworkPlan:
    address = settings.interface
    gateway = None if address is None else settings.gateway_address
    return NetworkPlan(address, gateway, network_file(settings), observed.foreign)


def network_file(settings: Network) -> str:
    """The .network file (systemd.network(5)) that says what the kernel is to have after a boot."""
    return "\n\n".join((_MATCH, _network(settings), _dhcp(settings), _advertised(settings))) + "\n"


_MATCH = f"[Match]\nName={INTERFACE}"


def _network(settings: Network) -> str:
    lines = ["[Network]"]
    if settings.interface is None:
        lines.append("DHCP=ipv4")
    else:
        lines += ["DHCP=no", f"Address={settings.interface}"]
        if settings.gateway_address is not None:
            lines.append(f"Gateway={settings.gateway_address}")
    lines += [f"DNS={resolver}" for resolver in settings.resolvers]
    domains = _domains(settings)
    if domains:
        lines.append(f"Domains={' '.join(domains)}")
    return "\n".join([*lines, "IPv6AcceptRA=yes", "LLMNR=no", "MulticastDNS=no"])


def _dhcp(settings: Network) -> str:
    """The server knows a node by its card, so that a rebuilt node gets its address again."""
    return "\n".join(["[DHCPv4]", "ClientIdentifier=mac", "UseHostname=no", *_taken(settings)])


def _advertised(settings: Network) -> str:
    return "\n".join(["[IPv6AcceptRA]", *_taken(settings)])


def _taken(settings: Network) -> list[str]:
    """What a router or DHCP server may say about names: only what nobody else has said."""
    return [
        f"UseDNS={'yes' if settings.dns is None else 'no'}",
        f"UseDomains={'no' if _domains(settings) else 'yes'}",
    ]


def _domains(settings: Network) -> tuple[str, ...]:
    """The node's domain first, each once."""
    own = (settings.domain,) if settings.domain else ()
    return tuple(dict.fromkeys((*own, *settings.search)))
