"""The door to the kernel's network: cards, addresses, routes, rules, and waiting for them.

pyroute2 is imported at first use, and without what its package brings along for other uses (a
database, a shell, a mock): that import was half of a first boot.
"""

from __future__ import annotations

import errno
import fcntl
import os
import select
import socket
import struct
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from ipaddress import (
    IPv4Address,
    IPv4Interface,
    IPv6Address,
    IPv6Interface,
    ip_address,
    ip_interface,
    ip_network,
)
from types import ModuleType

from agent.errors import StepFailed
from agent.system.clock import Clock
from agent.system.netstate import Address, Link, Route, Rule
from agent.typed import TYPE_CHECKING, TypedDict, TypeVar

if TYPE_CHECKING:
    from pyroute2.iproute.linux import IPRoute
    from pyroute2.netlink import Message

    from agent.system.neighbours import Asker
    from agent.system.neighbours_ipv6 import Claims

Found = TypeVar("Found")
Interface = IPv4Interface | IPv6Interface
Gateway = IPv4Address | IPv6Address

# linux/rtnetlink.h, linux/if_addr.h, linux/if.h, linux/if_arp.h
PROTOCOL_STATIC = 4
PROTOCOL_DHCP = 16
_ETHERNET = 1
_UP, _CARRIER = 0x1, 0x10040  # running and lower layer up: alone, either runs ahead of the other
_TENTATIVE, _DAD_FAILED, _PERMANENT = 0x40, 0x08, 0x80
_GROUPS = 0x1 | 0x10 | 0x40 | 0x100 | 0x400  # link, IPv4 address and route, IPv6 address and route
_UNICAST = 1
_ANSWERED = 0x02 | 0x04 | 0x08 | 0x10 | 0x80  # linux/neighbour.h: reachable to probed, permanent
_SIOCGIFHWADDR, _NAME_BYTES = 0x8927, 16
_BROADCAST_FROM = 30
_GONE = frozenset({errno.EADDRNOTAVAIL, errno.ESRCH, errno.ENODEV})
_WHOLE = "pyroute2"


class _LaterLog:
    """`logging` itself is loaded by the first thing that is to be said."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> object:
        import logging

        return getattr(logging.getLogger(self._name), name)


class _Later(ModuleType):
    """A module of Python's that is loaded by its first use, which mostly never comes."""

    def __getattr__(self, name: str) -> object:
        return getattr(__import__(self.__name__), name)


_LATER = ("pkgutil", "traceback")
# What the part asks its neighbours for at import: a switch for mocks, traffic control, counters of
# cards, processes for sockets elsewhere; and for what kernel it is, where `platform` starts two
# programs to find out what nobody here reads.
_STAND_INS: Mapping[str, Mapping[str, object]] = {
    "pyroute2.lab": {"LAB_API": type("LAB_API", (), {})},
    "pyroute2.netlink.rtnl.tcmsg": {"tcmsg": type("tcmsg", (), {}), "plugins": {}},
    "pyroute2.netlink.rtnl.ifstatsmsg": {"ifstatsmsg": type("ifstatsmsg", (), {})},
    "multiprocessing": {"Pipe": None, "Queue": None, "Process": None},
    "platform": {
        "uname": os.uname,
        "machine": lambda: os.uname().machine,
        "architecture": lambda: (f"{struct.calcsize('P') * 8}bit", ""),
    },
    "logging": {"getLogger": _LaterLog},
}
# What the part knows of the data of links that nobody here reads: it stays bytes.
_LINKS = "pyroute2.netlink.rtnl"
_OTHER_LINKS = {
    f"{_LINKS}.iw_event",
    *(
        f"{_LINKS}.ifinfmsg.plugins.{kind}"
        for kind in (
            *("bond", "geneve", "gtp", "ipoib", "ipvlan", "team", "tun", "tuntap", "vrf"),
            *("vti", "vti6", "vxlan", "xfrm"),
        )
    ),
}
# Cards have no kind; a container's card is one of these.
_CARD_KINDS = ("", "veth", "macvlan")


class _Through(TypedDict):
    """How pyroute2 is told of a route through a gateway."""

    family: int
    dst: str
    gateway: str
    oif: int
    proto: int


class Kernel:
    """The network of this process's namespace; a context, since it holds sockets."""

    def __init__(self) -> None:
        self._open = iproute()
        self._asks = self._open()
        self._hears: IPRoute | None = None
        self._by_arp: Asker | None = None

    def __enter__(self) -> Kernel:
        return self

    def __exit__(self, *_: object) -> None:
        self._asks.close()
        if self._hears is not None:
            self._hears.close()
        if self._by_arp is not None:
            self._by_arp.close()

    def links(self) -> tuple[Link, ...]:
        return tuple(_link(message) for message in self._asks.get_links())

    def link(self, name: str) -> Link | None:
        """One card asked for by its name: every card that is told costs as much as the question."""
        from pyroute2.netlink.exceptions import NetlinkError

        try:
            found = self._asks.link("get", ifname=name)
        except NetlinkError as error:
            if error.code in _GONE:
                return None
            raise
        return next((_link(message) for message in found), None)

    def addresses(self, index: int) -> tuple[Address, ...]:
        found = (_address(message) for message in self._asks.get_addr())
        return tuple(address for address in found if address.ifindex == index)

    def routes(self) -> tuple[Route, ...]:
        """Unicast routes of every table, IPv4 and IPv6."""
        return tuple(
            _route(message) for message in self._asks.get_routes() if message["type"] == _UNICAST
        )

    def rules(self) -> tuple[Rule, ...]:
        return tuple(_rule(message) for message in self._asks.get_rules())

    def default_routes(self, index: int, version: int = 4) -> tuple[Route, ...]:
        """Those of the main table that leave through this device."""
        return tuple(
            route
            for route in self.routes()
            if route.is_default and route.ifindex == index and route.destination.version == version
        )

    def set_up(self, index: int) -> None:
        with _attempt("bring the network card up"):
            _ = self._asks.link("set", index=index, state="up")

    def leave_advertisements(self, name: str) -> None:
        """The kernel ignores routers, as systemd-networkd, which hears them itself, will ask it to.

        Read-only in containers, and not there without IPv6: then it is as it was.
        """
        _set_ipv6(name, "accept_ra", "0")

    def switch_ipv6(self, name: str, *, on: bool) -> None:
        """Off takes every IPv6 address of the card away; on gives it its link-local one back.

        That one comes only where the kernel makes it: while off, networkd told it not to.
        """
        if on:
            _set_ipv6(name, "addr_gen_mode", "0")
        _set_ipv6(name, "disable_ipv6", "0" if on else "1")

    def holder(
        self, card: Link, address: IPv4Address, clock: Clock, *, patient: bool = False
    ) -> str:
        """The MAC of another machine that has the address, else blank: after 0.06 s, or 0.4 s."""
        return self._asker(card).holder(address, clock, patient=patient)

    def answers(self, card: Link, own: Gateway, other: Gateway, clock: Clock) -> bool:
        """Whether another machine answers on the card's link; takes a second where it does not."""
        if isinstance(own, IPv4Address) and isinstance(other, IPv4Address):
            return self._asker(card).answers(own, other, clock)
        from agent.system.neighbours_ipv6 import answers

        return isinstance(other, IPv6Address) and answers(card.name, card.mac, other, clock)

    def neighbours(self, index: int) -> frozenset[Gateway]:
        """Who answered on this device, as far as the kernel knows by now, which asks nobody."""
        return frozenset(
            ip_address(message.get_attr("NDA_DST"))
            for message in self._asks.get_neighbours()
            if message["ifindex"] == index and message["state"] & _ANSWERED
        )

    def _asker(self, card: Link) -> Asker:
        from agent.system.neighbours import Asker, Card

        if self._by_arp is None:
            own = frozenset(link.mac for link in self.links() if link.mac)
            self._by_arp = Asker(Card(card.name, card.mac, own))
        return self._by_arp

    def overhearing(self, name: str) -> AbstractContextManager[Claims]:
        """While the kernel looks for duplicates of an IPv6 address, which it does not name."""
        from agent.system.neighbours_ipv6 import Claims

        return Claims(name)

    def rename(self, index: int, name: str) -> None:
        """Kernels before 6.2 rename a card only while it is down."""
        with _attempt(f"name the network card {name}"):
            _ = self._asks.link("set", index=index, state="down")
            _ = self._asks.link("set", index=index, ifname=name)

    def add_address(self, index: int, interface: Interface) -> None:
        with _attempt(f"add the address {interface}"):
            self._address("replace", index, interface)

    def remove_address(self, index: int, interface: Interface) -> None:
        """Quietly where it is gone already."""
        with _attempt(f"remove the address {interface}", ignoring=_GONE):
            self._address("del", index, interface)

    def replace_default_route(
        self, index: int, gateway: Gateway, *, protocol: int = PROTOCOL_STATIC
    ) -> None:
        """Marked static, as systemd-networkd will mark it."""
        with _attempt(f"route through the gateway {gateway}"):
            self._default_route("replace", index, gateway, protocol)

    def remove_default_route(self, index: int, gateway: Gateway) -> None:
        """Quietly where it is gone already."""
        with _attempt(f"remove the route through {gateway}", ignoring=_GONE):
            self._default_route("del", index, gateway, PROTOCOL_STATIC)

    def add_route(self, index: int, destination: str, gateway: Gateway, source: Gateway) -> None:
        """Through a gateway, for what begins at `source`; it goes with that address."""
        with _attempt(f"route {destination} through {gateway}"):
            _ = self._asks.route(
                "replace", **_through(index, destination, gateway), prefsrc=str(source)
            )

    def remove_route(self, index: int, destination: str, gateway: Gateway) -> None:
        """Quietly where it is gone already."""
        with _attempt(f"remove the route of {destination}", ignoring=_GONE):
            _ = self._asks.route("del", **_through(index, destination, gateway))

    def _default_route(self, command: str, index: int, gateway: Gateway, protocol: int) -> None:
        anywhere = "::/0" if gateway.version == 6 else "0.0.0.0/0"
        _ = self._asks.route(command, **_through(index, anywhere, gateway, protocol=protocol))

    def _address(self, command: str, index: int, interface: Interface) -> None:
        _ = self._asks.addr(
            command,
            index=index,
            address=str(interface.ip),
            prefixlen=interface.network.prefixlen,
            broadcast=broadcast_of(interface),
        )

    def listen(self) -> IPRoute:
        """From here on no change is missed by `wait`, which otherwise listens by itself."""
        if self._hears is None:
            self._hears = self._open()
            self._hears.bind(groups=_GROUPS)
        return self._hears

    def fileno(self) -> int:
        """Readable after a change, for an event loop of one's own; `drain` empties it."""
        return self.listen().fileno()

    def drain(self) -> None:
        """What happened is looked up anew, so the messages say no more than that it did."""
        self._drain(self.listen())

    def wait(
        self, look: Callable[[], Found | None], *, timeout_s: float, clock: Clock
    ) -> Found | None:
        """What `look` finds, at once or after an event of the kernel; None when time is up."""
        found = look()
        if found is not None or timeout_s <= 0:
            return found
        hears = self.listen()
        until_s = clock.monotonic_s() + timeout_s
        while True:
            found = look()
            if found is not None:
                return found
            if not self._next_event(hears, until_s - clock.monotonic_s()):
                return None

    def _next_event(self, hears: IPRoute, timeout_s: float) -> bool:
        poll = select.poll()
        poll.register(hears.fileno(), select.POLLIN)
        if timeout_s <= 0 or not poll.poll(timeout_s * 1000):
            return False
        self._drain(hears)
        return True

    def _drain(self, hears: IPRoute) -> None:
        """What happened is looked up anew, so the messages say no more than that it did."""
        while True:
            try:
                _ = hears.recv(65536, socket.MSG_DONTWAIT)
            except BlockingIOError:
                return
            except OSError:
                # ENOBUFS: more events than the kernel kept for us; that they were is enough.
                return


def iproute() -> type[IPRoute]:
    """pyroute2's IPRoute, the whole package imported only where its parts alone will not do."""
    if _WHOLE not in sys.modules:
        try:
            return _part()
        except (ImportError, AttributeError, TypeError):
            for name in [one for one in sys.modules if one.partition(".")[0] == _WHOLE]:
                del sys.modules[name]
    from pyroute2 import IPRoute

    return IPRoute


def _part() -> type[IPRoute]:
    """Stand-ins are there while the parts are imported: whoever asks later gets the real ones, but
    for the data of links that nobody here reads, which stays bytes.

    The package's own `__init__` brings in all of it, its `lab` unittest and asyncio for a mock that
    only its own tests switch on, and its `tcmsg` every kind of traffic control. What is loaded
    already costs nothing, and stays itself.
    """
    package = ModuleType(_WHOLE)
    package.__path__ = [f"{folder}/{_WHOLE}" for folder in sys.path if _has(folder)]
    stand_ins = {name: ModuleType(name) for name in _STAND_INS}
    for name, has in _STAND_INS.items():
        stand_ins[name].__dict__.update(has)
    stand_ins |= {name: _Later(name) for name in _LATER}
    stand_ins |= {name: ModuleType(name) for name in _OTHER_LINKS}
    for name in sys.modules.keys() & stand_ins:
        del stand_ins[name]
    stand_ins[_WHOLE] = package
    sys.modules |= stand_ins
    try:
        from pyroute2.netlink import nlmsg_atoms

        for name in stand_ins.keys() & _OTHER_LINKS:
            setattr(stand_ins[name], name.rpartition(".")[2], nlmsg_atoms.hex)
        from pyroute2.iproute.linux import IPRoute
    finally:
        for name in stand_ins:
            _ = sys.modules.pop(name, None)
    return IPRoute


def _has(folder: str) -> bool:
    return os.access(f"{folder}/{_WHOLE}", os.X_OK)


@contextmanager
def _attempt(what: str, *, ignoring: frozenset[int] = frozenset()) -> Iterator[None]:
    from pyroute2.netlink.exceptions import NetlinkError

    try:
        yield
    except NetlinkError as error:
        if error.code in ignoring:
            return
        raise StepFailed(f"the kernel refused to {what}: {os.strerror(error.code)}") from error


def broadcast_of(interface: Interface) -> str | None:
    """The broadcast address that systemd-networkd gives to an address; IPv6 has none."""
    network = interface.network
    if network.version == 6 or network.prefixlen > _BROADCAST_FROM:
        return None
    return str(network.broadcast_address)


def _through(
    index: int, destination: str, gateway: Gateway, *, protocol: int = PROTOCOL_STATIC
) -> _Through:
    return {
        "family": socket.AF_INET6 if gateway.version == 6 else socket.AF_INET,
        "dst": destination,
        "gateway": str(gateway),
        "oif": index,
        "proto": protocol,
    }


def _set_ipv6(name: str, what: str, value: str) -> None:
    """There is no such file without IPv6, and in some containers it is read-only."""
    with suppress(OSError):
        handle = os.open(f"/proc/sys/net/ipv6/conf/{name}/{what}", os.O_WRONLY | os.O_CLOEXEC)
        try:
            _ = os.write(handle, f"{value}\n".encode())
        finally:
            os.close(handle)


def _link(message: Message) -> Link:
    flags: int = message["flags"]
    info: Message | None = message.get_attr("IFLA_LINKINFO")
    kind: str = "" if info is None else info.get_attr("IFLA_INFO_KIND") or ""
    return Link(
        ifindex=message["index"],
        name=message.get_attr("IFLA_IFNAME") or "",
        mac=message.get_attr("IFLA_ADDRESS") or "",
        is_card=message["ifi_type"] == _ETHERNET and kind in _CARD_KINDS,
        is_up=bool(flags & _UP),
        has_carrier=flags & _CARRIER == _CARRIER,
        is_virtual=kind != "",
    )


def _address(message: Message) -> Address:
    flags: int = message.get_attr("IFA_FLAGS") or message["flags"]
    text: str = message.get_attr("IFA_LOCAL") or message.get_attr("IFA_ADDRESS")
    return Address(
        ifindex=message["index"],
        interface=ip_interface(f"{text}/{message['prefixlen']}"),
        broadcast=message.get_attr("IFA_BROADCAST"),
        is_usable=not flags & (_TENTATIVE | _DAD_FAILED),
        is_permanent=bool(flags & _PERMANENT),
        updated=message.get_attr("IFA_CACHEINFO")["tstamp"],
        is_duplicate=bool(flags & _DAD_FAILED),
    )


def _route(message: Message) -> Route:
    anywhere = "::" if message["family"] == socket.AF_INET6 else "0.0.0.0"  # noqa: S104
    destination: str = message.get_attr("RTA_DST") or anywhere
    gateway: str | None = message.get_attr("RTA_GATEWAY")
    return Route(
        destination=ip_network(f"{destination}/{message['dst_len']}"),
        gateway=None if gateway is None else ip_address(gateway),
        ifindex=message.get_attr("RTA_OIF"),
        table=message.get_attr("RTA_TABLE") or message["table"],
        protocol=message["proto"],
        metric=message.get_attr("RTA_PRIORITY") or 0,
    )


def _rule(message: Message) -> Rule:
    source, destination = message.get_attr("FRA_SRC"), message.get_attr("FRA_DST")
    return Rule(
        family=message["family"],
        priority=message.get_attr("FRA_PRIORITY") or 0,
        table=message.get_attr("FRA_TABLE") or message["table"],
        source=f"{source or 'all'}/{message['src_len']}",
        destination=f"{destination or 'all'}/{message['dst_len']}",
    )


def mac(name: str) -> str | None:
    """The MAC of a card by ioctl (netdevice(7)): a boot that changes nothing loads no pyroute2."""
    request = struct.pack("256s", name.encode()[: _NAME_BYTES - 1])
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        try:
            answer = fcntl.ioctl(line.fileno(), _SIOCGIFHWADDR, request)
        except OSError:
            return None
    return ":".join(f"{byte:02x}" for byte in answer[_NAME_BYTES + 2 : _NAME_BYTES + 8])
