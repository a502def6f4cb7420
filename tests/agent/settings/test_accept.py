"""What is accepted, in which form, and how far a fault reaches."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address, IPv4Interface, IPv6Address, IPv6Interface

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.settings.accept import ALONE, accept
from agent.settings.cluster import Cluster
from agent.settings.declaration import CORE, Settings
from agent.settings.kinds import DatabaseTls, Ipv6Mode, Mode
from agent.settings.network import Network
from agent.settings.secret import Secret
from agent.values.words import Nothing
from tests.agent.values.test_accounts import ED25519
from tests.fakes.issuer import Issued, issue

STATIC = {
    "network.address": "192.0.2.10/24",
    "network.gateway": "192.0.2.1",
    "network.dns": "192.0.2.53",
}


def _network(**texts: str) -> Network:
    found = accept({f"network.{name}": text for name, text in texts.items()})
    assert found.faults == ()
    return found.settings.network


def test_no_answers_are_the_defaults() -> None:
    assert accept({}).settings == Settings()
    assert accept({}).faults == ()


def test_blanks_and_null_are_no_answers() -> None:
    blank = {
        row.key: text for row, text in zip(CORE.rows, ["", "  ", "null", "NULL"] * 9, strict=False)
    }
    assert accept(blank).settings == Settings()
    assert accept(blank, strict=True).faults == ()


def test_a_static_address() -> None:
    network = accept(STATIC).settings.network
    assert network.mode is Mode.STATIC
    assert network.is_static
    assert network.interface == IPv4Interface("192.0.2.10/24")
    assert network.gateway_address == IPv4Address("192.0.2.1")
    assert network.resolvers == (IPv4Address("192.0.2.53"),)


@pytest.mark.parametrize(
    "answers",
    [
        {"network.address": "192.0.2.10", "network.netmask": "24"},
        {"network.address": "192.0.2.10", "network.netmask": "255.255.255.0"},
        {"network.address": " 192.0.2.10/24 ", "network.netmask": "24 (255.255.255.0)"},
        {"network.ip0": "192.0.2.10", "network.netmask0": "255.255.255.0"},
        {"guestinfo.ipaddress": "192.0.2.10", "guestinfo.netmask": "24 (255.255.255.0)"},
        {"network.mode": "STATIC", "network.address": "192.0.2.10/255.255.255.0"},
        {"network.mode": "auto", "network.address": '"192.0.2.10/24"'},
    ],
)
def test_two_spellings_store_alike(answers: dict[str, str]) -> None:
    raw = {**answers, "network.gateway": "192.0.2.1", "network.dns": "192.0.2.53"}
    found = accept(raw)
    assert found.faults == ()
    assert found.settings == accept(STATIC).settings


def test_none_for_gateway_and_resolvers() -> None:
    network = _network(address="192.0.2.10/24", gateway="none", dns="None")
    assert network.gateway is network.dns is Nothing.NONE
    assert network.gateway_address is None
    assert network.resolvers == ()


@pytest.mark.parametrize(
    ("address", "gateway"), [("192.0.2.0/31", "192.0.2.1"), ("192.0.2.10/32", "none")]
)
def test_networks_without_a_broadcast_address(address: str, gateway: str) -> None:
    network = _network(address=address, gateway=gateway, dns="none")
    assert network.interface == IPv4Interface(address)


def test_dhcp_keeps_what_goes_with_it_and_says_what_does_not() -> None:
    found = accept({**STATIC, "network.mode": "dhcp", "network.search": "b.example,a.example"})
    assert found.faults == ()
    assert found.settings.network == Network(
        mode=Mode.DHCP, dns=(IPv4Address("192.0.2.53"),), search=("b.example", "a.example")
    )
    assert found.notices == (
        "network.address, network.gateway: not used, since network.mode is dhcp",
    )


def test_a_netmask_alone_is_dhcp_and_said() -> None:
    """As clients send it that were deployed with a default for it."""
    found = accept({"network.netmask": "24", "network.gateway": "none"})
    assert found.faults == ()
    assert found.settings.network == Network()
    assert "no network.address is given" in found.notices[0]


def test_a_gateway_alone_is_half_an_answer() -> None:
    found = accept({"network.gateway": "192.0.2.1"})
    assert [(fault.setting, fault.code) for fault in found.faults] == [
        ("network.address", "missing")
    ]
    assert found.refused == {"network"}
    assert accept({"network.gateway": "192.0.2.1", "network.mode": "dhcp"}).faults == ()


def test_a_resolver_given_twice_is_asked_once_and_said() -> None:
    found = accept({"network.dns": "192.0.2.53;2001:db8::53, 192.0.2.53 2001:DB8:0::53"})
    assert found.settings.network.resolvers == (
        IPv4Address("192.0.2.53"),
        IPv6Address("2001:db8::53"),
    )
    assert found.notices == (
        "network.dns: 192.0.2.53, 2001:DB8:0::53 is there more than once, and taken once",
    )


def test_domains_beyond_what_resolvers_of_old_take_are_said() -> None:
    six = " ".join(f"d{number}.example.com" for number in range(6))
    assert accept({"network.search": six}).notices == ()
    for raw in (
        {"network.search": six, "network.domain": "example.com"},
        {"network.search": f"{'a' * 60}.{'b' * 60}.{'c' * 60}.{'d' * 60} {'e' * 30}"},
        {**STATIC, "network.search": f"{six} d6.example.com"},
    ):
        found = accept(raw)
        assert found.faults == ()
        assert "6 domains or 256 characters" in found.notices[0]


def test_resolvers_of_both_versions() -> None:
    assert _network(dns="2001:db8::53;192.0.2.53").resolvers == (
        IPv6Address("2001:db8::53"),
        IPv4Address("192.0.2.53"),
    )


def test_all_faults_come_at_once_in_the_order_of_the_declaration() -> None:
    found = accept(
        {
            "database.port": "0",
            "node.timezone": "Mars/Olympus",
            "network.dns": "nowhere",
            "network.address": "192.0.2.0/24",
            "node.name": "a b",
            "tls.key": "no key",
        }
    )
    assert [fault.setting for fault in found.faults] == [
        "network.address",
        "network.gateway",
        "network.dns",
        "node.name",
        "node.timezone",
        "tls.key",
        "database.port",
    ]
    assert found.refused == {"network", "node", "tls", "database"}


def test_a_fault_costs_its_category_and_of_the_node_its_field() -> None:
    found = accept(
        {
            **STATIC,
            "node.timezone": "Mars/Olympus",
            "node.name": "node1",
            "cluster.join": "no",
            "cluster.name": "x",
        }
    )
    assert found.refused == {"node", "cluster"}
    assert found.settings.network.interface == IPv4Interface("192.0.2.10/24")
    assert found.settings.node.name == "node1"
    assert found.settings.node.timezone == "Etc/UTC"
    assert found.settings.cluster == Cluster()


def test_aliases_are_taken_and_told() -> None:
    found = accept({"guestinfo.root_password": "correct horse", "network.fqdn": "n1.example.com"})
    assert found.settings.node.admin_password == Secret("correct horse")
    assert found.settings.node.name == "n1.example.com"
    assert found.notices == (
        "guestinfo.root_password was taken as node.admin_password; root has no password here, "
        "the account is admin",
        "network.fqdn was taken as node.name",
    )


def test_the_own_key_outranks_its_alias() -> None:
    for raw in (
        {"network.fqdn": "alias.example", "node.name": "own.example"},
        {"node.name": "own.example", "network.fqdn": "alias.example"},
    ):
        found = accept(raw)
        assert found.settings.node.name == "own.example"
        assert any("node.name was taken" in notice for notice in found.notices)


def test_quotes_come_off_but_not_off_secrets() -> None:
    found = accept({"node.name": "'node1'", "node.admin_password": '"correct horse"'})
    assert found.settings.node.name == "node1"
    assert found.settings.node.admin_password == Secret('"correct horse"')
    assert found.notices == ("node.name: the quotes around the value were taken off",)


@pytest.mark.parametrize(
    "text",
    ['"192.0.2.53 192.0.2.54"', "'192.0.2.53', '192.0.2.54'", "“192.0.2.53” ‘192.0.2.54’"],
)
def test_quotes_come_off_a_list_and_its_items(text: str) -> None:
    found = accept({"network.dns": text})
    assert len(found.settings.network.resolvers) == 2
    assert found.notices == ("network.dns: the quotes around the value were taken off",)


@pytest.mark.parametrize("strict", [False, True])
def test_keys_of_nobody_without_end_cost_neither_time_nor_pages(strict: bool) -> None:
    raw = {f"network.x{number}": "y" for number in range(20_000)} | {"node." + "z" * 20_000: "y"}
    found = accept({**raw, "strange.key": "y"}, strict=strict)
    said = [f"{fault.setting}: {fault.message}" for fault in found.faults] or found.notices
    assert len(said) < 60
    assert sum(map(len, said)) < 10_000
    assert found.refused == ({"network", "node"} if strict else frozenset())


def test_unknown_keys_of_an_environment() -> None:
    found = accept(
        {
            "network.addressx": "192.0.2.10/24",
            "hostname": "x",
            "user-data": "y",
            "haproxy.port": "1",
        }
    )
    assert found.faults == ()
    assert found.settings == Settings()
    assert found.notices == (
        "network.addressx is not a setting and was passed over; did you mean network.address?",
    )


def test_unknown_keys_of_an_answers_file_refuse_their_category() -> None:
    found = accept({**STATIC, "network.gatewy": "x", "strange": "y", "node.name": "n"}, strict=True)
    assert [fault.setting for fault in found.faults] == ["network.gatewy", "strange"]
    assert found.refused == {"network"}
    assert found.settings.node.name == "n"


def test_ssh_follows_the_keys_unless_said() -> None:
    with_keys = accept({"node.ssh_keys": ED25519}).settings.node
    assert with_keys.ssh is None
    assert with_keys.ssh_wanted
    assert not accept({"node.ssh_keys": ED25519, "node.ssh": "off"}).settings.node.ssh_wanted
    assert not accept({}).settings.node.ssh_wanted


def test_ssh_that_nobody_can_use_is_told() -> None:
    assert "nobody can enter" in accept({"node.ssh": "on"}).notices[0]
    assert accept({"node.ssh": "on", "node.ssh_keys": ED25519}).notices == ()


def test_how_far_the_database_is_protected() -> None:
    now = datetime.now(UTC)
    ca = issue(begins=now, ends=now + timedelta(days=9)).pem
    assert accept({}).settings.database.protection is DatabaseTls.REQUIRE
    assert accept({"database.ca": ca}).settings.database.protection is DatabaseTls.VERIFY_FULL
    off = accept({"database.ca": ca, "database.tls": "off"}).settings.database
    assert off.protection is DatabaseTls.OFF


def _made(name: str, by: Issued | None = None) -> Issued:
    now = datetime.now(UTC)
    begins, ends = now - timedelta(days=1), now + timedelta(days=90)
    return issue(name, by=by, begins=begins, ends=ends, is_authority=by is None or "im" in name)


def test_a_pair_comes_out_in_order_whatever_its_shape() -> None:
    root = _made("root")
    middle = _made("im", root)
    leaf = _made("www.example.com", middle)
    shuffled = "".join(random.Random(1).sample([leaf.pem, middle.pem, root.pem], 3))
    for text in (shuffled, shuffled.replace("\n", " "), root.pem + middle.pem + leaf.pem):
        found = accept({"tls.certificate": text, "tls.key": leaf.key_pem.replace("\n", "\r\n")})
        assert found.faults == ()
        assert found.settings.tls.certificate == leaf.pem + middle.pem + root.pem
        assert found.settings.tls.key == Secret(leaf.key_pem)


def test_what_a_certificate_has_too_many_of_is_left_out_and_said() -> None:
    root = _made("root")
    leaf, stranger = _made("www.example.com", root), _made("stranger")
    found = accept({"tls.certificate": stranger.pem + leaf.pem + root.pem, "tls.key": leaf.key_pem})
    assert found.settings.tls.certificate == leaf.pem + root.pem
    assert found.notices == (
        "tls.certificate: 1 of the certificates given are no link of its chain, and left out",
    )


def test_a_certificate_that_ends_soon_is_said() -> None:
    now = datetime.now(UTC)
    made = issue(begins=now - timedelta(days=1), ends=now + timedelta(days=9, hours=1))
    found = accept({"tls.certificate": made.pem, "tls.key": made.key_pem})
    assert found.faults == ()
    assert "in 9 days" in found.notices[0]


@pytest.mark.parametrize(
    ("raw", "is_said"),
    [
        ({}, False),
        ({"node.name": "www.example.com"}, False),
        ({"node.name": "WWW", "network.domain": "example.com"}, False),
        ({"node.name": "node1.example.com"}, True),
        ({"node.name": "node1.example.com", "cluster.hostname": "www.example.com"}, False),
        (STATIC, True),
    ],
)
def test_a_certificate_for_other_names_is_said_and_served(
    raw: dict[str, str], is_said: bool
) -> None:
    made = _made("www.example.com")
    found = accept({**raw, "tls.certificate": made.pem, "tls.key": made.key_pem})
    assert found.faults == ()
    assert found.settings.tls.certificate
    assert [notice for notice in found.notices if "it names none of" in notice] == (
        [f"tls.certificate: it names none of {raw.get('node.name', '192.0.2.10')}"]
        if is_said
        else []
    )


def test_one_authority_of_two_that_has_expired_is_said() -> None:
    now = datetime.now(UTC)
    old = issue("old", begins=now - timedelta(days=9), ends=now - timedelta(days=1))
    found = accept({"database.ca": old.pem + _made("new").pem})
    assert found.faults == ()
    assert found.notices == (
        "database.ca: the certificate of CN=old has expired, and is of no use",
    )


def _squeezed(text: str) -> str:
    return "".join(text.split())


@pytest.mark.parametrize("key", [row.key for row in CORE.rows])
@pytest.mark.parametrize("shape", [str, _squeezed, str.lower])
def test_a_private_key_anywhere_is_never_shown(key: str, shape: Callable[[str], str]) -> None:
    text = shape(_made("lost").key_pem)
    found = accept({key: text, f"{key}x": text}, strict=True)
    body = "".join(text.split())[30:-30]
    told = "".join(repr(found).split())
    assert not any(body[at : at + 8] in told for at in range(len(body) - 8))


def test_a_value_without_end_is_refused_before_it_is_read() -> None:
    found = accept({"node.ssh_keys": "x" * 70_000, "node.name": "n" * 70_000})
    assert [fault.message[-40:] for fault in found.faults] != []
    assert all("is longer than 65535 characters" in fault.message for fault in found.faults)
    assert all(len(fault.message) < 300 for fault in found.faults)


KEYS = [row.key for row in CORE.rows] + [alias for row in CORE.rows for alias in row.aliases]


@given(st.dictionaries(st.sampled_from(KEYS) | st.text(), st.text(), max_size=8), st.booleans())
def test_nothing_raises_and_secrets_stay_masked(raw: dict[str, str], strict: bool) -> None:
    found = accept(raw, strict=strict)
    for category in set(CORE.categories) - found.refused - {"node"}:
        assert not any(
            fault.setting.startswith(f"{category}.") and fault.setting not in ALONE
            for fault in found.faults
        )
    assert accept(raw, strict=strict) == found


@pytest.mark.parametrize("mode", ["", "auto", "static", "STATIC"])
def test_an_ipv6_address_is_static(mode: str) -> None:
    network = _network(ipv6=mode, ipv6_address="2001:DB8::10/64", ipv6_gateway="fe80::1%ens32")
    assert network.ipv6 is Ipv6Mode.STATIC
    assert network.ipv6_address == IPv6Interface("2001:db8::10/64")
    assert network.ipv6_gateway == IPv6Address("fe80::1")
    assert network.mode is Mode.AUTO


def test_static_ipv6_needs_no_gateway() -> None:
    assert _network(ipv6_address="2001:db8::10/64").ipv6_gateway is None


@pytest.mark.parametrize(
    ("mode", "why"), [("off", "network.ipv6 is off"), ("", "no network.ipv6_address is given")]
)
def test_a_gateway_without_ipv6_is_told_and_not_kept(mode: str, why: str) -> None:
    found = accept({"network.ipv6": mode, "network.ipv6_gateway": "2001:db8::1"})
    assert found.notices == (f"network.ipv6_gateway: not used, since {why}",)
    assert found.settings.network.ipv6_gateway is None


def test_an_address_beside_off_is_told_and_not_kept() -> None:
    found = accept({"network.ipv6": "off", "network.ipv6_address": "2001:db8::10/64"})
    assert found.notices == ("network.ipv6_address: not used, since network.ipv6 is off",)
    assert found.settings.network == Network(ipv6=Ipv6Mode.OFF)


@pytest.mark.parametrize(
    ("dns", "told"),
    [("2001:db8::53", True), ("2001:db8::53, 192.0.2.53", False), ("none", False)],
)
def test_resolvers_that_nobody_reaches_are_told(dns: str, told: bool) -> None:
    found = accept({**STATIC, "network.dns": dns, "network.ipv6": "off"})
    assert found.faults == ()
    assert bool(found.notices) is told


def test_faults_of_both_families_come_at_once() -> None:
    given = {"network.gateway": "198.51.100.1", "network.ipv6": "static"}
    faults = accept({**STATIC, **given}).faults
    assert [fault.setting for fault in faults] == ["network.gateway", "network.ipv6_address"]


@pytest.mark.parametrize(("mode", "kept"), [("off", Ipv6Mode.OFF), ("auto", Ipv6Mode.AUTO)])
def test_a_refused_network_keeps_ipv6_off(mode: str, kept: Ipv6Mode) -> None:
    found = accept({**STATIC, "network.gateway": "198.51.100.1", "network.ipv6": mode})
    assert found.refused == {"network"}
    assert found.settings.network == Network(ipv6=kept)
