"""Decide what ens32 is to be, and the file by which systemd-networkd keeps it so."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Interface, IPv6Address, IPv6Interface

from agent.network.state import INTERFACE, Observed
from agent.settings.kinds import Ipv6Mode
from agent.settings.network import Network
from agent.steps.step import key_of
from agent.typed import NamedTuple


class NetworkPlan(NamedTuple):
    """`address` and `gateway` are those of a static node; without address it is DHCP.

    `text` is the whole of networkd's file; `foreign` are files to take away. Without IPv6 address
    routers say which it is, unless IPv6 is off; `was_ipv6_off` is how it was until now. `resolvers`
    are None where they come with the lease.
    """

    address: IPv4Interface | None
    gateway: IPv4Address | None
    text: str
    foreign: tuple[str, ...] = ()
    ipv6_address: IPv6Interface | None = None
    ipv6_gateway: IPv6Address | None = None
    is_ipv6_off: bool = False
    was_ipv6_off: bool = False
    resolvers: tuple[IPv4Address | IPv6Address, ...] | None = None

    @property
    def sets_anything(self) -> bool:
        """Whether there is anything that networkd is to keep as it was set before it."""
        return any((self.address, self.ipv6_address, self.is_ipv6_off))

    @property
    def key(self) -> str:
        return key_of(self.text)


def plan(settings: Network, observed: Observed) -> NetworkPlan:
    address = settings.interface
    gateway = None if address is None else settings.gateway_address
    return NetworkPlan(
        address,
        gateway,
        network_file(settings),
        observed.foreign,
        settings.ipv6_address,
        settings.ipv6_gateway,
        settings.ipv6 is Ipv6Mode.OFF,
        observed.is_ipv6_off,
        None if settings.dns is None else settings.resolvers,
    )


def network_file(settings: Network) -> str:
    """The .network file (systemd.network(5)) that says what the kernel is to have after a boot."""
    parts = [_MATCH, _network(settings), _dhcp(settings)]
    if settings.ipv6 is Ipv6Mode.AUTO:
        parts += [_advertised(settings), _dhcp_v6(settings)]
    return "\n\n".join(parts) + "\n"


# A router that is heard can displace a gateway that was given: with an address, none is.
_IPV6 = {
    Ipv6Mode.AUTO: ["IPv6AcceptRA=yes"],
    Ipv6Mode.STATIC: ["IPv6AcceptRA=no"],
    Ipv6Mode.OFF: ["LinkLocalAddressing=no", "IPv6AcceptRA=no"],
}
_MATCH = f"[Match]\nName={INTERFACE}"


def _network(settings: Network) -> str:
    lines = ["[Network]"]
    if settings.interface is None:
        lines.append("DHCP=ipv4")
    else:
        lines += ["DHCP=no", f"Address={settings.interface}"]
        if settings.gateway_address is not None:
            lines.append(f"Gateway={settings.gateway_address}")
    if settings.ipv6_address is not None:
        lines.append(f"Address={settings.ipv6_address}")
    if settings.ipv6_gateway is not None:
        lines.append(f"Gateway={settings.ipv6_gateway}")
    lines += [f"DNS={resolver}" for resolver in settings.resolvers]
    found = domains(settings)
    if found:
        lines.append(f"Domains={' '.join(found)}")
    return "\n".join([*lines, *_IPV6[settings.ipv6], "LLMNR=no", "MulticastDNS=no"])


def _dhcp(settings: Network) -> str:
    """The server knows a node by its card, so that a rebuilt node gets its address again."""
    return "\n".join(["[DHCPv4]", "ClientIdentifier=mac", "UseHostname=no", *_taken(settings)])


def _advertised(settings: Network) -> str:
    return "\n".join(["[IPv6AcceptRA]", *_taken(settings)])


def _dhcp_v6(settings: Network) -> str:
    """Who advertises may send the node to such a server."""
    return "\n".join(["[DHCPv6]", "UseHostname=no", *_taken(settings)])


def _taken(settings: Network) -> list[str]:
    """What a router or DHCP server may say about names: only what nobody else has said."""
    return [
        f"UseDNS={'yes' if settings.dns is None else 'no'}",
        f"UseDomains={'no' if domains(settings) else 'yes'}",
    ]


def domains(settings: Network) -> tuple[str, ...]:
    """The node's domain first, each once."""
    own = (settings.domain,) if settings.domain else ()
    return tuple(dict.fromkeys((*own, *settings.search)))
