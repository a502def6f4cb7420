"""Every kind of value that the settings use: how it is read, and how it is written."""

from __future__ import annotations

from enum import StrEnum

from agent.settings.declare import Kind
from agent.settings.secret import Secret
from agent.typed import TYPE_CHECKING
from agent.values import accounts, address, names, words, zone

if TYPE_CHECKING:
    from agent.values.join_string import Seed


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


# Imports are what a first boot costs, and few nodes are given any of these.
def _parse_certificates(text: str) -> str:
    from agent.values import pem

    return pem.parse_certificates(text)


def _parse_private_key(text: str) -> str:
    from agent.values import pem

    return pem.parse_private_key(text)


def _parse_reached(text: str) -> str:
    from agent.values import reached

    return reached.parse_reached(text)


def _parse_peer(text: str) -> str:
    from agent.values import reached

    return reached.parse_peer(text)


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
    is_list=True,
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
DOMAINS = Kind(
    "domains", names.parse_domains, names.format_list, "a list of domain names", is_list=True
)
HOST = Kind("host", names.parse_host, str, "a host name or an IP address")
REACHED = Kind("reached", _parse_reached, str, "a host name or an IP address that others can use")
PEER = Kind(
    "peer",
    _parse_peer,
    str,
    "a host name of up to 63 characters, or an IP address, that other nodes can use",
)
LABEL = Kind("label", names.parse_label, str, "up to 48 printable characters")
IDENTIFIER = Kind(
    "identifier", names.parse_identifier, str, "up to 63 printable characters, as PostgreSQL has it"
)
PASSWORD = Kind(
    "password",
    accounts.parse_password,
    str,
    "8 to 128 characters that can be typed, or a crypt hash ($y$, $6$, $5$, $2b$, $7$ or $gy$)",
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


# What a node uses of others, and its keyboard.


class Updates(StrEnum):
    """Which updates the node takes by itself."""

    SECURITY = "security"
    OFF = "off"


def _parse_updates(text: str) -> Updates:
    return words.parse_choice(Updates, text)


# As above: a node that is given none of these pays for none.
def _parse_time_servers(text: str) -> tuple[str, ...]:
    from agent.values import servers

    return servers.parse_servers(text)


def _parse_proxy(text: str) -> str | Secret:
    """An URL with credentials is a secret, whole: it is masked, and kept where secrets are."""
    from agent.values import urls

    url = urls.parse_proxy(text)
    return Secret(url) if urls.has_credentials(url) else url


def _format_proxy(value: str | Secret) -> str:
    return value.reveal() if isinstance(value, Secret) else value


def _parse_exclusions(text: str) -> tuple[str, ...]:
    from agent.values import exclusions

    return exclusions.parse_exclusions(text)


def _parse_mirror(text: str) -> str:
    from agent.values import urls

    return urls.parse_mirror(text)


def _parse_syslog(text: str) -> str:
    from agent.values import urls

    return urls.parse_syslog(text)


def _parse_keyboard(text: str) -> str:
    from agent.values import keyboard

    return keyboard.parse_keyboard(text)


TIME_SERVERS = Kind(
    "time-servers",
    _parse_time_servers,
    names.format_list,
    "a list of host names or IP addresses",
    is_list=True,
)
PROXY = Kind(
    "proxy",
    _parse_proxy,
    _format_proxy,
    "an URL such as http://proxy.example.com:3128, also with user:password@ before the host",
    has_credentials=True,
)
EXCLUSIONS = Kind(
    "exclusions",
    _parse_exclusions,
    names.format_list,
    "a list of host names, domains that begin with a dot, addresses and networks; * is everything",
    is_list=True,
)
MIRROR = Kind(
    "mirror",
    _parse_mirror,
    str,
    "an URL that begins with http:// or https://, without credentials",
    has_credentials=True,
)
SYSLOG = Kind(
    "syslog",
    _parse_syslog,
    str,
    "udp://, tcp:// or tls://, a host (over TLS by name) and its port, such as "
    "tls://logs.example.com:6514",
    has_credentials=True,
)
UPDATES = Kind("updates", _parse_updates, str, "security or off", choices=tuple(Updates))
KEYBOARD = Kind(
    "keyboard", _parse_keyboard, str, "a console keymap such as us, uk, de-latin1 or fr"
)


# What a node is to do about a cluster.


# As above: few nodes are given any of these.
def _parse_seeds(text: str) -> tuple[Seed, ...]:
    from agent.values import cluster_key

    return cluster_key.parse_seeds(text)


def _format_seeds(seeds: tuple[Seed, ...]) -> str:
    return ", ".join(map(str, seeds))


def _parse_cluster_key(text: str) -> str:
    from agent.values import cluster_key

    return cluster_key.normalise(text)


def _parse_administrator(text: str) -> str:
    from agent.values import administrators

    return administrators.parse_name(text)


def _parse_administrator_password(text: str) -> str:
    from agent.values import administrators

    return administrators.parse_clear_password(text)


def _parse_recovery_key(text: str) -> str:
    from agent.values import recovery_key

    return recovery_key.parse(text)


SEEDS = Kind(
    "seeds",
    _parse_seeds,
    _format_seeds,
    "a list of up to 15 host names or IP addresses, each also with :port",
    is_list=True,
)
CLUSTER_KEY = Kind(
    "cluster-key", _parse_cluster_key, str, "a cluster key as a member of the cluster shows it"
)
ADMINISTRATOR = Kind(
    "administrator",
    _parse_administrator,
    str,
    "up to 64 letters, digits, and ._@-+, beginning with a letter or digit",
)
ADMINISTRATOR_PASSWORD = Kind(
    "administrator-password",
    _parse_administrator_password,
    str,
    "8 to 128 characters that can be typed, in clear",
)
RECOVERY_KEY = Kind(
    "recovery-key",
    _parse_recovery_key,
    str,
    "one X25519 public key in PEM, as openssl pkey -pubout writes it, also on one line",
    multiline=True,
)
