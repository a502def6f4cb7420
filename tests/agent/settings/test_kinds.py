"""Every kind parses and formats: what is formatted is read as the same, and garbage is refused."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Interface, IPv6Address, IPv6Interface
from typing import Any
from urllib.parse import quote

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from agent.settings.declaration import CORE
from agent.settings.declare import Kind
from agent.settings.kinds import DatabaseTls, Ipv6Mode, Mode, Updates
from agent.settings.secret import Secret
from agent.values import cluster_key, join_string, keyboard
from agent.values.address import parse_ipv4
from agent.values.join_string import JoinString, Seed
from agent.values.words import Nothing
from agent.values.zone import zone_names
from tests.agent.values.test_accounts import ED25519, SHA512
from tests.fakes.issuer import chain_of

KINDS: dict[str, Kind[Any]] = {row.kind.name: row.kind for row in CORE.rows}
CHAIN = chain_of(3)


def _is_usable(address: object) -> bool:
    try:
        _ = parse_ipv4(str(address))
    except ValueError:
        return False
    return True


addresses = st.ip_addresses(v=4).filter(_is_usable)
global_v6 = st.ip_addresses(v=6, network="2001:db8::/32")
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_MOST_LABELS, _LONGEST_LABEL = 4, 22
# Hypothesis finds the word in the source, and no domain is called so.
_SAY_NOTHING = ("", "none", "null")


def _domain(text: str) -> str:
    """What is a name in any text: drawn so, it costs a fourth of one that is put together."""
    found = (label[:_LONGEST_LABEL].lstrip("0123456789-").rstrip("-") for label in text.split("."))
    name = ".".join([label for label in found if label][:_MOST_LABELS])
    return name if name not in _SAY_NOTHING else "a"


labels = st.text(f"{_LETTERS}0123456789-", max_size=_LONGEST_LABEL).map(_domain)
domains = st.text(f"{_LETTERS}0123456789-.", max_size=60).map(_domain)
printable = st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=1, max_size=15)
typed = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=8, max_size=40)


def _interface(address: IPv4Address, prefix: int) -> IPv4Interface:
    return IPv4Interface((address, prefix))


def _ipv6_interface(address: IPv6Address, prefix: int) -> IPv6Interface:
    return IPv6Interface((address, prefix))


def _is_host(interface: IPv6Interface) -> bool:
    return interface.network.prefixlen > 126 or interface.ip != interface.network.network_address


def _join_string(host: str, secret: bytes) -> str:
    return join_string.format(JoinString((Seed(host),), secret))


hosts = domains | addresses.map(str) | global_v6.map(str)
ports = st.integers(1, 65535)


def _public_pem(key: X25519PrivateKey) -> str:
    encoding, form = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_key().public_bytes(encoding, form).decode()


def _network(address: IPv4Address, prefix: int) -> str:
    return str(IPv4Interface((address, prefix)).network)


def _place(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _proxy(scheme: str, place: str, who: str) -> str | Secret:
    return Secret(f"{scheme}://{who}@{place}") if who else f"{scheme}://{place}"


networks = st.builds(_network, addresses, st.integers(1, 32))
places = st.builds(_place, hosts, ports)
words = st.text("abcXYZ019-._~", min_size=1, max_size=12)
encoded = st.text("@:/ %#é", max_size=6).map(lambda text: quote(text, safe=""))
credentials = st.just("") | words | st.builds("{}:{}{}".format, words, words, encoded)

VALUES: dict[str, st.SearchStrategy[Any]] = {
    "mode": st.sampled_from(Mode),
    "database-tls": st.sampled_from(DatabaseTls),
    "boolean": st.booleans(),
    "interface": addresses | st.builds(_interface, addresses, st.integers(1, 32)),
    "netmask": st.integers(1, 32),
    "gateway": addresses | st.just(Nothing.NONE),
    "resolvers": st.just(Nothing.NONE)
    | st.lists(addresses | global_v6, min_size=1, unique=True).map(tuple),
    "ipv6-mode": st.sampled_from(Ipv6Mode),
    "ipv6-interface": st.builds(_ipv6_interface, global_v6, st.integers(1, 128)).filter(_is_host),
    "ipv6-gateway": global_v6 | st.ip_addresses(v=6, network="fe80::/10"),
    "port": st.integers(1, 65535),
    "node-name": domains.filter(lambda name: not name.startswith("localhost")),
    "domain": domains,
    "domains": st.lists(domains, min_size=1, unique=True).map(tuple),
    "host": hosts,
    "label": st.lists(printable, min_size=1, max_size=3).map(" ".join),
    "identifier": printable,
    "password": typed.filter(lambda text: not text.startswith("$")) | st.just(SHA512),
    "clear-password": typed,
    "ssh-keys": st.lists(labels, max_size=1).map(lambda comment: (" ".join((ED25519, *comment)),)),
    "zone": st.sampled_from([name for name in zone_names() if name != "UTC"]),
    "certificates": st.permutations(CHAIN).map(lambda chain: "".join(one.pem for one in chain)),
    "private-key": st.sampled_from([one.key_pem for one in CHAIN]),
    "time-servers": st.lists(hosts, min_size=1, max_size=16, unique=True).map(tuple),
    "proxy": st.builds(_proxy, st.sampled_from(["http", "https"]), places, credentials),
    "exclusions": st.lists(
        hosts | networks | domains.map(".{}".format) | st.just("*"), min_size=1, unique=True
    ).map(tuple),
    "mirror": st.builds(
        "{}://{}{}".format,
        st.sampled_from(["http", "https"]),
        places,
        st.sampled_from(["", "/mirror", "/a/b~c"]),
    ),
    "syslog": st.builds("{}://{}".format, st.sampled_from(["udp", "tcp"]), places)
    | st.builds("tls://{}:{}".format, domains, ports),
    "updates": st.sampled_from(Updates),
    "reached": hosts,
    "peer": hosts.filter(lambda host: len(host) < 64),
    "keyboard": st.sampled_from(keyboard.keymaps()),
    "seeds": st.lists(
        st.builds(Seed, hosts.filter(lambda name: len(name) < 64), ports),
        min_size=1,
        max_size=15,
        unique=True,
    ).map(tuple),
    "cluster-key": st.binary(min_size=16, max_size=16).map(cluster_key.format),
    "administrator": st.from_regex(r"[a-z0-9][a-z0-9._@+-]{0,63}", fullmatch=True),
    "administrator-password": typed.filter(lambda text: not text.startswith("$")),
    "recovery-key": st.builds(
        X25519PrivateKey.from_private_bytes, st.binary(min_size=32, max_size=32)
    ).map(_public_pem),
    "join-string": st.builds(
        _join_string,
        domains.filter(lambda name: len(name) < 60),
        st.binary(min_size=16, max_size=16),
    ),
}


@pytest.mark.parametrize("name", KINDS)
@given(data=st.data())
def test_what_is_written_is_read_as_the_same(name: str, data: st.DataObject) -> None:
    kind = KINDS[name]
    value = data.draw(VALUES[name])
    text = kind.format(value)
    assert kind.parse(text) == value
    assert kind.format(kind.parse(f"  {text}\n".strip())) == text


GARBAGE = st.text() | st.text(
    st.sampled_from("0123456789abcdefzABCZ.:/-, ;\n\0$=%[]()_\"'é٣"), max_size=80
)


@pytest.mark.parametrize("name", KINDS)
@given(text=GARBAGE)
def test_garbage_is_read_or_refused_and_nothing_else(name: str, text: str) -> None:
    kind = KINDS[name]
    try:
        value = kind.parse(text)
    except ValueError as error:
        first = str(error).split(" ")[0]
        assert first in {"is", "has", "holds", "lies", "looks", "says", "ends", "begins"}, error
    else:
        assert kind.parse(kind.format(value)) == value


@pytest.mark.parametrize("row", CORE.rows, ids=lambda row: row.key)
def test_examples_and_defaults_are_accepted(row: Any) -> None:
    if row.example:
        assert row.kind.parse(row.kind.format(row.kind.parse(row.example))) is not None
    if row.default not in (None, ()):
        assert row.kind.parse(row.kind.format(row.default)) == row.default
