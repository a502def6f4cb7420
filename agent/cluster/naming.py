"""What members call each other inside TLS: names that exist in no DNS, bound to the cluster."""

from __future__ import annotations

from ipaddress import ip_address

# RFC 9476 and ICANN keep .internal out of the public DNS.
_SUFFIX = "bandstand.internal"


def member_name(cluster_id: str) -> str:
    """What any member answers to."""
    return f"member.{cluster_id}.{_SUFFIX}"


def node_name(cluster_id: str, node_id: str) -> str:
    """What this one node alone answers to."""
    return f"{node_id}.{cluster_id}.{_SUFFIX}"


def split_address(peer_address: str) -> tuple[str, int]:
    """`host:port` or `[IPv6]:port`; raises ValueError."""
    host, colon, port = peer_address.rpartition(":")
    if not colon or not port.isdigit():
        raise ValueError("a peer address is host:port")
    return host.removeprefix("[").removesuffix("]"), int(port)


def only_addresses(texts: tuple[str, ...]) -> tuple[str, ...]:
    """Those that are IP addresses, in their normal form; raises ValueError for others."""
    return tuple(str(ip_address(text)) for text in texts)
