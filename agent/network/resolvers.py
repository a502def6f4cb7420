"""Whether the resolvers of ens32 answer: those given, else those that came with the lease."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address, ip_address

from agent.errors import Fault
from agent.network.state import INTERFACE, TOLD_BY_NETWORKD
from agent.system import resolver
from agent.system.clock import Clock
from agent.system.files import Files
from agent.system.netstate import Address as NetAddress
from agent.system.resolver import Address

CODE, SETTING = "resolver-silent", "network.dns"


def silent(
    resolvers: Sequence[Address], clock: Clock, *, source: IPv4Address | None = None
) -> tuple[Fault, ...]:
    """One fault that names all that do not answer, or none; takes 3 s where there is one."""
    found = resolver.silent(resolvers, clock, source=source)
    if not found:
        return ()
    names = ", ".join(map(str, found))
    message = f"{names} {'does' if len(found) == 1 else 'do'} not answer as a resolver"
    hint = "see that it is right, and reached through the gateway; none is for a node without"
    return (Fault(SETTING, message, hint, CODE),)


def leased(files: Files, ifindex: int) -> tuple[Address, ...]:
    """What systemd-networkd was told by a DHCP server or by routers, as it has it of this card."""
    lines = (files.read(f"{TOLD_BY_NETWORKD}/{ifindex}") or "").splitlines()
    rows = [line.removeprefix("DNS=").split() for line in lines if line.startswith("DNS=")]
    return tuple(map(_here, parsed(name for row in rows for name in row)))


def named(message: str) -> tuple[Address, ...]:
    """Those that a fault of `silent` is about."""
    return parsed(word.rstrip(",") for word in message.split())


def bare(address: Address) -> str:
    """Without the card of a link-local address, which is spelt in more than one way."""
    return str(address).partition("%")[0]


def reachable(resolvers: Iterable[Address], addresses: Iterable[NetAddress]) -> tuple[Address, ...]:
    """Those of a family that the card has an address of by now: IPv6 may come later."""
    families = {one.interface.version for one in addresses}
    return tuple(one for one in resolvers if one.is_link_local or one.version in families)


def _here(resolver: Address) -> Address:
    """Networkd tells a router's own address without the card that it was heard on."""
    is_zoned = isinstance(resolver, IPv6Address) and resolver.scope_id is not None
    if isinstance(resolver, IPv4Address) or is_zoned or not resolver.is_link_local:
        return resolver
    return IPv6Address(f"{resolver}%{INTERFACE}")


def parsed(names: Iterable[str]) -> tuple[Address, ...]:
    """The addresses among these; a resolver may also be told with port or name, as none is here."""
    found: list[Address] = []
    for name in names:
        with suppress(ValueError):
            found.append(ip_address(name))
    return tuple(found)
