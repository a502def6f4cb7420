"""What members call each other inside TLS: names that exist in no DNS, bound to the cluster."""

from __future__ import annotations

from collections.abc import Iterable

from agent.values.address import is_address
from agent.values.names import parse_host

# RFC 9476 and ICANN keep .internal out of the public DNS.
_SUFFIX = "bandstand.internal"
_MOST_ADDRESSES = 16


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


def check_addresses(texts: tuple[str, ...]) -> None:
    """Raises ValueError where one is neither address nor name, or where they are too many."""
    if len(texts) > _MOST_ADDRESSES:
        raise ValueError(f"a node has {_MOST_ADDRESSES} addresses at most")
    for text in texts:
        if parse_host(text) != text:
            raise ValueError("an address is written in its normal form")


def names_among(addresses: Iterable[str]) -> tuple[str, ...]:
    """A node that clients reach by a name has that among its addresses."""
    return tuple(one for one in addresses if not is_address(one))


def addresses_among(addresses: Iterable[str]) -> tuple[str, ...]:
    return tuple(one for one in addresses if is_address(one))
