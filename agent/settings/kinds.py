"""Every kind of value that the settings use: how it is read, and how it is written."""

from __future__ import annotations

from enum import StrEnum

from agent.settings.declare import Kind
from agent.values import accounts, address, names, words, zone


class Mode(StrEnum):
    """How ens32 comes by its address."""

    AUTO = "auto"
    DHCP = "dhcp"
    STATIC = "static"


class Ipv6Mode(StrEnum):
    """How ens32 comes by its IPv6 addresses, if at all."""

    AUTO = "auto"
    OFF = "off"
    STATIC = "static"


class DatabaseTls(StrEnum):
    """How far the connection to the database is protected."""

    VERIFY_FULL = "verify-full"
    REQUIRE = "require"
    OFF = "off"


def _parse_mode(text: str) -> Mode:
    return words.parse_choice(Mode, text)


def _parse_ipv6_mode(text: str) -> Ipv6Mode:
    return words.parse_choice(Ipv6Mode, text)


def _parse_database_tls(text: str) -> DatabaseTls:
    return words.parse_choice(DatabaseTls, text)


# Imports are what a first boot costs, and few nodes are given any of these three.
def _parse_certificates(text: str) -> str:
    from agent.values import pem

    return pem.parse_certificates(text)


def _parse_private_key(text: str) -> str:
    from agent.values import pem

    return pem.parse_private_key(text)


def _parse_join_string(text: str) -> str:
    from agent.values import join_string

    return join_string.normalise(text)


MODE = Kind("mode", _parse_mode, str, "auto, dhcp or static", choices=tuple(Mode))
DATABASE_TLS = Kind(
    "database-tls",
    _parse_database_tls,
    str,
    "verify-full, require or off",
    choices=tuple(DatabaseTls),
)
BOOLEAN = Kind(
    "boolean", words.parse_boolean, words.format_boolean, "true or false", ovf_type="boolean"
)
INTERFACE = Kind(
    "interface",
    address.parse_interface,
    str,
    "an IPv4 address, with its prefix or with a netmask beside it",
)
NETMASK = Kind(
    "netmask", address.parse_netmask, str, "a prefix length from 1 to 32, or a mask in dots"
)
GATEWAY = Kind(
    "gateway", address.parse_gateway, address.format_gateway, "an IPv4 address on the link, or none"
)
RESOLVERS = Kind(
    "resolvers",
    address.parse_resolvers,
    address.format_resolvers,
    "a list of IPv4 or IPv6 addresses, or none",
)
IPV6_MODE = Kind("ipv6-mode", _parse_ipv6_mode, str, "auto, off or static", choices=tuple(Ipv6Mode))
IPV6_INTERFACE = Kind(
    "ipv6-interface",
    address.parse_ipv6_interface,
    str,
    "an IPv6 address with its prefix length, such as 2001:db8::10/64",
)
IPV6_GATEWAY = Kind(
    "ipv6-gateway",
    address.parse_ipv6_gateway,
    str,
    "an IPv6 address on the link, or a link-local one",
)
PORT = Kind("port", address.parse_port, str, "a port number from 1 to 65535")
NODE_NAME = Kind(
    "node-name",
    names.parse_node_name,
    str,
    "a host name or a full name of letters, digits and hyphens",
)
DOMAIN = Kind("domain", names.parse_domain, str, "a domain name of letters, digits and hyphens")
DOMAINS = Kind("domains", names.parse_domains, names.format_list, "a list of domain names")
HOST = Kind("host", names.parse_host, str, "a host name or an IP address")
LABEL = Kind("label", names.parse_label, str, "up to 48 printable characters")
IDENTIFIER = Kind(
    "identifier", names.parse_identifier, str, "up to 63 printable characters, as PostgreSQL has it"
)
PASSWORD = Kind(
    "password",
    accounts.parse_password,
    str,
    "8 to 128 characters, or a crypt hash ($y$, $6$, $5$, $2b$, $7$ or $gy$)",
)
CLEAR_PASSWORD = Kind(
    "clear-password", accounts.parse_clear_password, str, "up to 512 printable characters"
)
SSH_KEYS = Kind(
    "ssh-keys",
    accounts.parse_ssh_keys,
    accounts.format_ssh_keys,
    "OpenSSH public keys (ssh-ed25519, ecdsa-sha2-…, ssh-rsa from 2048 bits), one a line",
    multiline=True,
)
ZONE = Kind("zone", zone.parse_zone, str, "an IANA time zone such as Europe/Berlin")
CERTIFICATES = Kind(
    "certificates",
    _parse_certificates,
    str,
    "X.509 certificates in PEM, also on one line or in base64",
    multiline=True,
)
PRIVATE_KEY = Kind(
    "private-key",
    _parse_private_key,
    str,
    "one private key in PEM without a passphrase, also on one line or in base64",
    multiline=True,
)
JOIN_STRING = Kind(
    "join-string",
    _parse_join_string,
    str,
    "a join string as a member of the cluster shows it",
)
