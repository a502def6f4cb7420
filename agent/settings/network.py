"""What ens32 is to be: the settings of class `network`."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Interface, IPv6Address, IPv6Interface

from agent.settings import kinds
from agent.settings.declare import section, setting
from agent.settings.kinds import Ipv6Mode, Mode
from agent.settings.secret import Secret
from agent.typed import NamedTuple
from agent.values.words import Nothing


@section
class Network(NamedTuple):
    """After `accept`: `mode` is static when an address was given (then `address` carries its
    prefix and `netmask` is None), and without static there is neither address nor gateway.
    The same holds for `ipv6` with its address and gateway.
    """

    mode: Mode = setting(
        kinds.MODE,
        label="Mode",
        help="How the node comes by its address.",
        example="static",
        default=Mode.AUTO,
        unset="`auto`: static if an address is given, else DHCP",
    )
    address: IPv4Interface | IPv4Address | None = setting(
        kinds.INTERFACE,
        label="IPv4 address",
        help="Address of ens32, with its prefix or with the netmask below.",
        example="192.0.2.10/24",
        unset="DHCP",
        aliases=("guestinfo.ipaddress", "network.ip0"),
    )
    netmask: int | None = setting(
        kinds.NETMASK,
        label="Netmask",
        help="Prefix length or mask in dots, where the address carries none.",
        example="255.255.255.0",
        unset="the prefix of the address, else refused for static",
        aliases=("guestinfo.netmask", "network.netmask0"),
    )
    gateway: IPv4Address | Nothing | None = setting(
        kinds.GATEWAY,
        label="Gateway",
        help="Default gateway on the same link; the word none for a node without one.",
        example="192.0.2.1",
        unset="refused for static (say `none` to have none)",
        aliases=("guestinfo.gateway",),
    )
    dns: tuple[IPv4Address | IPv6Address, ...] | Nothing | None = setting(
        kinds.RESOLVERS,
        label="DNS servers",
        help="Addresses of the resolvers, in the order to ask them; the word none for none.",
        example="192.0.2.53, 192.0.2.54",
        unset="from DHCP; refused for static",
        aliases=("guestinfo.dns", "network.DNS"),
    )
    domain: str | None = setting(
        kinds.DOMAIN,
        label="Domain",
        help="The domain that the node's name belongs to.",
        example="example.com",
        unset="from DHCP, or none",
        aliases=("guestinfo.domain",),
    )
    search: tuple[str, ...] = setting(
        kinds.DOMAINS,
        label="Search domains",
        help="Domains in which short names are looked up.",
        example="example.com, lab.example.com",
        default=(),
        unset="from DHCP, or none",
        aliases=("network.searchpath",),
    )
    ipv6: Ipv6Mode = setting(
        kinds.IPV6_MODE,
        label="IPv6",
        help="IPv6 on ens32: as routers advertise it, by the address below, or not at all.",
        example="static",
        default=Ipv6Mode.AUTO,
        unset="`auto`: static if an IPv6 address is given, else as routers advertise",
    )
    ipv6_address: IPv6Interface | None = setting(
        kinds.IPV6_INTERFACE,
        label="IPv6 address",
        help="IPv6 address of ens32 with its prefix length; routers are then not listened to.",
        example="2001:db8::10/64",
        unset="as routers advertise; refused for static",
    )
    ipv6_gateway: IPv6Address | None = setting(
        kinds.IPV6_GATEWAY,
        label="IPv6 gateway",
        help="Default gateway of the IPv6 address, on the same link or link-local.",
        example="fe80::1",
        unset="none with an IPv6 address, else as routers advertise",
    )
    ntp: tuple[str, ...] = setting(
        kinds.TIME_SERVERS,
        label="Time servers",
        help="Names or addresses of NTP servers.",
        example="ntp1.example.com, 192.0.2.123",
        default=(),
        unset="from DHCP, else the distribution's pool",
        aliases=("guestinfo.ntp",),
    )
    http_proxy: str | Secret | None = setting(
        kinds.PROXY,
        label="HTTP proxy",
        help="Proxy for packages that come over http://; never for other nodes.",
        example="http://proxy.example.com:3128",
        unset="none",
    )
    https_proxy: str | Secret | None = setting(
        kinds.PROXY,
        label="HTTPS proxy",
        help="Proxy for packages that come over https://; never for other nodes.",
        example="http://proxy.example.com:3128",
        unset="none",
    )
    no_proxy: tuple[str, ...] = setting(
        kinds.EXCLUSIONS,
        label="No proxy for",
        help="Hosts asked without the proxy, as the node's own names and addresses always are.",
        example="mirror.example.com, .lab.example.com, 192.0.2.0/24",
        default=(),
        unset="own names and addresses",
    )

    @property
    def fallback(self) -> Network:
        """What is left where the address cannot be had: DHCP, and what other hosts are for.

        Who wants no IPv6 does not get it by that.
        """
        return Network(
            ipv6=Ipv6Mode.OFF if self.ipv6 is Ipv6Mode.OFF else Ipv6Mode.AUTO,
            ntp=self.ntp,
            http_proxy=self.http_proxy,
            https_proxy=self.https_proxy,
            no_proxy=self.no_proxy,
        )

    @property
    def is_static(self) -> bool:
        return self.mode is Mode.STATIC or (self.mode is Mode.AUTO and self.address is not None)

    @property
    def interface(self) -> IPv4Interface | None:
        """Address and prefix of a static node; None with DHCP."""
        if self.is_static and isinstance(self.address, IPv4Interface):
            return self.address
        return None

    @property
    def gateway_address(self) -> IPv4Address | None:
        return self.gateway if isinstance(self.gateway, IPv4Address) else None

    @property
    def resolvers(self) -> tuple[IPv4Address | IPv6Address, ...]:
        """The resolvers asked for; empty also where they come from DHCP (`dns` is None)."""
        return self.dns if isinstance(self.dns, tuple) else ()
