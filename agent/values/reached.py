"""Where others reach this node: a name, or an address that is not only this machine's own."""

from __future__ import annotations

from agent.values.address import is_address, parse_ipv4, parse_ipv6
from agent.values.names import parse_host

# What a join string can carry of a name.
_LONGEST_OF_A_PEER = 63


def parse_reached(text: str) -> str:
    """In its shortest form and without brackets; the port is not a part of it."""
    host = parse_host(text)
    if is_address(host):
        return str(parse_ipv6(host) if ":" in host else parse_ipv4(host))
    if host.rpartition(".")[2] == "localhost":
        raise ValueError("is the name that every machine has for itself")
    return host


def parse_peer(text: str) -> str:
    host = parse_reached(text)
    if len(host) > _LONGEST_OF_A_PEER:
        raise ValueError(f"is longer than {_LONGEST_OF_A_PEER} characters")
    return host
