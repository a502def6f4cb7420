"""IP addresses, masks, gateways, resolvers and ports as text and back."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Interface, IPv6Address, IPv6Interface

from agent.values.words import Nothing, is_none, parse_each

Address = IPv4Address | IPv6Address

_BITS = 32
_BITS_V6 = 128
# From this prefix on, the first address of a link is no anycast address of its routers (RFC 6164).
_POINT_TO_POINT_V6 = 127
# Where a zone is said with an address that means nothing without one: the node has one card.
_ZONE = "ens32"
_LAST_PORT = 65535
_LONGEST_NUMBER = 5


def parse_interface(text: str) -> IPv4Interface | IPv4Address:
    """An address that a host may have; with its prefix where one is given."""
    host, slash, mask = text.strip().partition("/")
    address = parse_ipv4(host.strip())
    if not slash:
        return address
    if mask.strip().startswith("/"):
        raise ValueError("is not a netmask")
    return IPv4Interface((address, parse_netmask(mask)))


def parse_netmask(text: str) -> int:
    """A prefix length from `24`, `/24`, `255.255.255.0` or `24 (255.255.255.0)`."""
    first, _, rest = text.strip().removeprefix("/").partition(" ")
    prefix = _prefix_of_mask(first) if "." in first else _small_number(first)
    if prefix is None or not 1 <= prefix <= _BITS:
        raise ValueError("is not a netmask")
    explained = rest.strip().removeprefix("(").removesuffix(")").strip()
    if " " in explained:
        raise ValueError("is not a netmask")
    if explained and parse_netmask(explained) != prefix:
        raise ValueError("says two different netmasks")
    return prefix


def _prefix_of_mask(text: str) -> int:
    try:
        bits = int(IPv4Address(text))
    except ValueError:
        raise ValueError("is not a netmask") from None
    prefix = bits.bit_count()
    if bits != (2**_BITS - 1) ^ (2 ** (_BITS - prefix) - 1):
        raise ValueError("is not contiguous: a mask is ones first, then zeros")
    return prefix


def parse_gateway(text: str) -> IPv4Address | Nothing:
    return Nothing.NONE if is_none(text) else parse_ipv4(text.strip())


def format_gateway(value: IPv4Address | Nothing) -> str:
    return value.value if isinstance(value, Nothing) else str(value)


def parse_resolvers(text: str) -> tuple[Address, ...] | Nothing:
    if is_none(text):
        return Nothing.NONE
    found = parse_each(text, _parse_resolver)
    if not found:
        raise ValueError("holds no address")
    return found


def _parse_resolver(text: str) -> Address:
    return _parse_ipv6_resolver(text) if ":" in text else parse_ipv4(text)


def format_resolvers(value: tuple[Address, ...] | Nothing) -> str:
    return value.value if isinstance(value, Nothing) else ", ".join(str(item) for item in value)


def parse_port(text: str) -> int:
    port = _small_number(text.strip())
    if port is None or not 1 <= port <= _LAST_PORT:
        raise ValueError("is not a port")
    return port


def parse_ipv4(text: str) -> IPv4Address:
    """An address that one machine on a network can have."""
    if ":" in text and _is_ipv6(text):
        raise ValueError("is an IPv6 address, and an IPv4 address is asked for")
    try:
        address = IPv4Address(text)
    except ValueError:
        raise ValueError(f"is not an IPv4 address{_leading_zeros(text)}") from None
    _refuse_special(address)
    if int(address) >> 24 == 0:
        raise ValueError("lies in 0.0.0.0/8, which no machine can have")
    if address.is_reserved:
        raise ValueError("lies in the reserved range 240.0.0.0/4")
    return address


def _is_ipv6(text: str) -> bool:
    try:
        _ = IPv6Address(text)
    except ValueError:
        return False
    return True


def _leading_zeros(text: str) -> str:
    parts = text.split(".")
    padded = all(part.isdigit() for part in parts) and any(len(part) > 1 for part in parts)
    if padded and any(part.startswith("0") and len(part) > 1 for part in parts):
        return " (numbers are written without leading zeros)"
    return ""


def _parse_ipv6_resolver(text: str) -> IPv6Address:
    try:
        address = IPv6Address(text)
    except ValueError:
        raise ValueError("is not an IP address") from None
    if address.ipv4_mapped is not None:
        raise ValueError(f"is the IPv4 address {address.ipv4_mapped}, written as one of IPv6")
    _refuse_special(address)
    if address.scope_id is not None:
        raise ValueError("has a zone, which only a link-local address can")
    # Python counts the ranges of translators (64:ff9b::/96) as reserved too.
    if address.is_reserved and int(address) >> 120:
        raise ValueError("lies in a range that no machine can have")
    return address


def parse_ipv6_interface(text: str) -> IPv6Interface:
    """An address that a host may have, and never without its prefix."""
    host, slash, length = text.strip().partition("/")
    address = parse_ipv6(host.strip())
    if not slash:
        raise ValueError("has no prefix length, such as /64")
    prefix = _small_number(length.strip())
    if prefix is None or not 1 <= prefix <= _BITS_V6:
        raise ValueError("has no prefix length from 1 to 128")
    interface = IPv6Interface((address, prefix))
    if prefix < _POINT_TO_POINT_V6 and address == interface.network.network_address:
        raise ValueError(f"is the address of every router on {interface.network}")
    return interface


def parse_ipv6_gateway(text: str) -> IPv6Address:
    """Routers mostly go by their link-local address; its zone can only be that of the card."""
    host, percent, zone = text.strip().partition("%")
    address = _read_ipv6(host)
    if address.ipv4_mapped is not None or not address.is_link_local:
        return parse_ipv6(text.strip())
    if percent and zone != _ZONE:
        raise ValueError(f"has the zone {zone[:60]!r}, and the node's card is {_ZONE}")
    return address


def parse_ipv6(text: str) -> IPv6Address:
    """An address that one machine has, and that reaches further than the cable."""
    address = _read_ipv6(text)
    if address.ipv4_mapped is not None:
        raise ValueError(f"is the IPv4 address {address.ipv4_mapped}, written as one of IPv6")
    _refuse_special(address)
    if address.is_reserved or address.is_site_local:
        raise ValueError("lies in a range that no machine can have")
    if address.scope_id is not None:
        raise ValueError("has a zone, which only a link-local address can")
    return address


def _read_ipv6(text: str) -> IPv6Address:
    try:
        return IPv6Address(text)
    except ValueError:
        digits = text.replace(".", "")
        if "." in text and digits.isascii() and digits.isdigit():
            raise ValueError("is an IPv4 address, and an IPv6 address is asked for") from None
        raise ValueError("is not an IPv6 address") from None


def bracketed(host: str) -> str:
    """A host as it stands in a URL, or before a port."""
    return f"[{host}]" if ":" in host else host


def is_address(host: str) -> bool:
    """Of a host in its normal form: a name never ends in a number."""
    return ":" in host or host.replace(".", "").isdigit()


def _refuse_special(address: Address) -> None:
    """Refuse what names no single machine, or one only as seen from itself."""
    for is_special, name in (
        (address.is_unspecified, "the unspecified address"),
        (address.is_loopback, "a loopback address"),
        (address.is_multicast, "a multicast address"),
        (address.is_link_local, "a link-local address"),
    ):
        if is_special:
            raise ValueError(f"is {name}, which cannot be used here")


def _small_number(text: str) -> int | None:
    is_number = text.isascii() and text.isdigit() and len(text) <= _LONGEST_NUMBER
    return int(text) if is_number else None
