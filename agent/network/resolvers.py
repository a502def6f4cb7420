"""Whether the resolvers of ens32 answer: those given, else those that came with the lease."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from ipaddress import IPv4Address, ip_address

from agent.errors import Fault
from agent.network.state import TOLD_BY_NETWORKD
from agent.system import resolver
from agent.system.clock import Clock
from agent.system.files import Files
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
    return parsed(name for row in rows for name in row)


def parsed(names: Iterable[str]) -> tuple[Address, ...]:
    """The addresses among these; a resolver may also be told with port or name, as none is here."""
    found: list[Address] = []
    for name in names:
        with suppress(ValueError):
            found.append(ip_address(name))
    return tuple(found)
