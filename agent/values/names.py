"""Host names, domains, labels and identifiers as text and back."""

from __future__ import annotations

from ipaddress import AddressValueError, IPv4Address, IPv6Address

from agent.values.words import is_none, parse_each

_LONGEST_LABEL = 63
_LONGEST_NAME = 253
_LONGEST_TITLE = 48
# Each is one more question for every short name; what resolv.conf(5) says is in settings.checks.
_MOST_DOMAINS = 32
_LONGEST_IDENTIFIER = 63
_BROADCAST = IPv4Address("255.255.255.255")
_ALPHABET = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-")


def parse_domain(text: str) -> str:
    """A name of the DNS in lower case, without the dot at its end."""
    name = text.strip().removesuffix(".")
    if len(name) > _LONGEST_NAME:
        raise ValueError(f"is longer than {_LONGEST_NAME} characters")
    if is_none(name):
        raise ValueError("is the word none, which blank says here")
    if name.startswith("."):
        raise ValueError("begins with a dot")
    for label in name.split("."):
        _check_label(label)
    if name.rpartition(".")[2].isdigit():
        raise ValueError("ends in a number, so it would be taken for an address")
    return name.lower()


def _check_label(label: str) -> None:
    if not label:
        raise ValueError("has nothing between two dots")
    if len(label) > _LONGEST_LABEL:
        raise ValueError(f"has a part longer than {_LONGEST_LABEL} characters")
    for character in label:
        if character not in _ALPHABET:
            raise ValueError(f"has the character {character!r}, which host names do not have")
    if label.startswith("-") or label.endswith("-"):
        raise ValueError("has a part that begins or ends with a hyphen")


def parse_node_name(text: str) -> str:
    """A host name that the node can be told apart by."""
    name = parse_domain(text)
    short = name.partition(".")[0]
    if "localhost" in (short, name.rpartition(".")[2]):
        raise ValueError("is the name that every machine has for itself")
    if short.isdigit():
        raise ValueError("begins with a part of digits alone, which would be taken for an address")
    return name


def parse_domains(text: str) -> tuple[str, ...]:
    found = parse_each(text, parse_domain)
    if len(found) > _MOST_DOMAINS:
        raise ValueError(f"holds {len(found)} domains; {_MOST_DOMAINS} are taken at most")
    return found


def format_list(values: tuple[str, ...]) -> str:
    return ", ".join(values)


def parse_host(text: str) -> str:
    """A name or an address, the latter in its shortest form and without brackets."""
    host = text.strip()
    if ":" in host:
        try:
            address = IPv6Address(host[1:-1] if host[0] + host[-1] == "[]" else host)
        except ValueError:
            raise ValueError("is neither a host name nor an address (the port is apart)") from None
        return _of_one_machine(address)
    if host.replace(".", "").isdigit():
        try:
            return _of_one_machine(IPv4Address(host))
        except AddressValueError:
            raise ValueError("is not an IPv4 address") from None
    return parse_domain(host)


def _of_one_machine(address: IPv4Address | IPv6Address) -> str:
    if address.is_unspecified or address.is_multicast or address == _BROADCAST:
        raise ValueError("is an address that no single machine has")
    return str(address)


def parse_label(text: str) -> str:
    """A title that people read, its white space made single."""
    return _printable(" ".join(text.split()), _LONGEST_TITLE)


def parse_identifier(text: str) -> str:
    """A name of PostgreSQL, which counts bytes."""
    name = _printable(text.strip(), _LONGEST_IDENTIFIER)
    if len(name.encode()) > _LONGEST_IDENTIFIER:
        raise ValueError(f"is longer than {_LONGEST_IDENTIFIER} bytes")
    return name


def _printable(text: str, longest: int) -> str:
    if not text:
        raise ValueError("is blank")
    if len(text) > longest:
        raise ValueError(f"is longer than {longest} characters")
    if not text.isprintable():
        raise ValueError("has characters that cannot be printed")
    return text
