"""Which hosts are asked without the proxy: names, domains, addresses and networks."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from agent.values.names import parse_domain
from agent.values.words import parse_each

EVERYTHING = "*"


def parse_exclusions(text: str) -> tuple[str, ...]:
    """Each in its normal form: a name, a domain with its dot, an address, a network, or `*`."""
    return parse_each(text, _parse)


def _parse(text: str) -> str:
    if text == EVERYTHING:
        return text
    if "/" in text:
        return str(_network(text))
    bare = text[1:-1] if text[0] + text[-1] == "[]" else text
    if ":" in bare or bare.replace(".", "").isdigit():
        return _address(bare)
    domain = text.removeprefix("*")
    if domain.startswith("."):
        return f".{parse_domain(domain[1:])}"
    return parse_domain(domain)


def _network(text: str) -> IPv4Network | IPv6Network:
    try:
        return ip_network(text)
    except ValueError:
        raise ValueError("is not a network such as 192.0.2.0/24, its host bits 0") from None


def _address(text: str) -> str:
    try:
        address = ip_address(text)
    except ValueError:
        raise ValueError("is not an address (a port is not said here)") from None
    if "%" in text:
        raise ValueError("is an address of one card, which has no use here")
    return str(address)


def covers(entries: Iterable[str], host: str) -> bool:
    """Whether one of these means `host`, a name in lower case or a bare address."""
    return any(_means(entry, host) for entry in entries)


def _means(entry: str, host: str) -> bool:
    if entry in (EVERYTHING, host):
        return True
    if "/" in entry:
        return _lies_in(entry, host)
    if entry.startswith("."):
        return host == entry[1:] or host.endswith(entry)
    return False


def _lies_in(network: str, host: str) -> bool:
    try:
        return ip_address(host) in ip_network(network)
    except ValueError:
        return False
