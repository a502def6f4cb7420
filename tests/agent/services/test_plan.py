"""What lies where for each service, from the settings and what was there."""

from __future__ import annotations

import pytest

from agent.services import apt, places
from agent.services.forwarding import configuration
from agent.services.plan import ServicePlan, certificates, plan, time_sources
from agent.services.state import Noun, Observed
from agent.settings.declaration import Settings
from agent.settings.kinds import Updates
from agent.settings.network import Network
from agent.settings.node import Node
from agent.settings.secret import Secret
from tests.fakes.issuer import chain_of

SECRET = "http://deploy:correct-horse@proxy.example.com:3128"
CHAIN = [one.pem for one in chain_of(2)]
DEBIAN = "Types: deb\nURIs: http://deb.debian.org/debian\n"


def _plan(noun: Noun, settings: Settings, **seen: object) -> ServicePlan:
    return plan(noun, settings, Observed(codename="trixie", **seen))  # type: ignore[arg-type]


def _network(**fields: object) -> Settings:
    return Settings(network=Network(**fields))  # type: ignore[arg-type]


def _node(**fields: object) -> Settings:
    return Settings(node=Node(**fields))  # type: ignore[arg-type]


def _texts(made: ServicePlan) -> dict[str, str | None]:
    return {file.name: file.text for file in made.laid}


# Time


def test_given_time_servers_outrank_those_of_the_lease() -> None:
    made = _plan(Noun.TIME, _network(ntp=("ntp1", "2001:db8::1")), leased=("192.0.2.9",))
    texts = _texts(made)
    assert texts[places.TIME_LEASED] is None
    assert (texts[places.TIME_GIVEN] or "").splitlines()[1:] == [
        "server ntp1 iburst",
        "server 2001:db8::1 iburst",
    ]


def test_the_leases_time_servers_are_forgotten_by_the_next_boot() -> None:
    texts = _texts(_plan(Noun.TIME, Settings(), leased=("192.0.2.9",)))
    assert "server 192.0.2.9 iburst\n" in (texts[places.TIME_LEASED] or "")
    assert places.TIME_LEASED.startswith("/run/")
    assert texts[places.TIME_GIVEN] is None


def test_a_lease_writes_no_line_of_its_own() -> None:
    hostile = ("a;allow", "192.0.2.1\nallow", "$x", "ntp.example.com")
    assert (time_sources(hostile) or "").splitlines()[1:] == ["server ntp.example.com iburst"]
    assert time_sources(hostile[:3]) is None


# Proxies


def test_a_proxy_is_for_its_own_way_alone() -> None:
    text = apt.proxies("http://p:1", None, (), own=(), servers=()) or ""
    assert 'Acquire::http::Proxy "http://p:1";' in text
    assert 'Acquire::https::Proxy "DIRECT";' in text
    assert apt.proxies(None, None, ("*",), own=("n1",), servers=()) is None


def test_the_node_itself_is_asked_without_proxy() -> None:
    own = ("n1", "n1.example.com", "192.0.2.1", "2001:db8::1")
    text = apt.proxies("http://p:1", "http://p:1", ("x",), own=own, servers=()) or ""
    for host in ("n1", "n1.example.com", "192.0.2.1", "localhost", "127.0.0.1", "x"):
        for way in ("http", "https"):
            assert f'Acquire::{way}::Proxy::{host} "DIRECT";' in text
    assert "2001" not in text


@pytest.mark.parametrize(
    ("excluded", "is_direct"),
    [
        (("*",), True),
        ((".example.com",), True),
        (("mirror.example.com",), True),
        ((".xample.com",), False),
        (("10.0.0.0/8",), False),
        ((), False),
    ],
)
def test_the_mirror_is_looked_up_in_domains_and_networks(
    excluded: tuple[str, ...], *, is_direct: bool
) -> None:
    servers = apt.servers("https://mirror.example.com:8443/x")
    text = apt.proxies("http://p:1", None, excluded, own=(), servers=servers) or ""
    assert ("Acquire::https::Proxy::mirror.example.com" in text) is is_direct


def test_a_mirror_by_address_is_looked_up_in_networks() -> None:
    servers = apt.servers("http://10.1.2.3/x")
    text = apt.proxies("http://p:1", None, ("10.0.0.0/8",), own=(), servers=servers) or ""
    assert 'Acquire::http::Proxy::10.1.2.3 "DIRECT";' in text


def test_a_proxys_credentials_are_in_its_file_and_nowhere_else() -> None:
    made = _plan(Noun.PROXY, _network(http_proxy=Secret(SECRET)))
    (file,) = made.laid
    assert SECRET in (file.text or "")
    assert file.mode == 0o600
    other = _plan(Noun.PROXY, _network(http_proxy=Secret(SECRET.replace("horse", "mule"))))
    assert made.key == other.key
    assert "horse" not in repr(_network(http_proxy=Secret(SECRET)))


# The others


def test_the_distributions_sources_are_put_aside_before_the_mirrors_come() -> None:
    made = _plan(Noun.MIRROR, _node(mirror="https://m/x"), sources=DEBIAN)
    assert [file.name for file in made.laid] == [places.SOURCES_KEPT, places.SOURCES]
    assert made.laid[0].text == DEBIAN
    text = made.laid[1].text or ""
    assert "URIs: https://m/x/debian\nSuites: trixie trixie-updates\n" in text
    assert "URIs: https://m/x/debian-security\nSuites: trixie-security\n" in text


def test_another_mirror_does_not_take_the_first_for_the_distributions() -> None:
    made = _plan(Noun.MIRROR, _node(mirror="https://two"), sources="one", kept=DEBIAN)
    assert made.laid[0].text == DEBIAN


def test_without_a_mirror_the_distributions_sources_are_back() -> None:
    made = _plan(Noun.MIRROR, Settings(), sources="one", kept=DEBIAN)
    assert _texts(made) == {places.SOURCES: DEBIAN, places.SOURCES_KEPT: None}


def test_updates_are_on_without_a_word() -> None:
    assert _texts(_plan(Noun.UPDATES, Settings())) == {places.UPDATES_FILE: None}
    off = _texts(_plan(Noun.UPDATES, _node(updates=Updates.OFF)))
    assert 'APT::Periodic::Enable "0";' in (off[places.UPDATES_FILE] or "")


def test_each_private_ca_is_a_file_and_those_that_went_are_taken_away() -> None:
    former = f"{places.TRUST_FOLDER}/bandstand-3.crt"
    made = _plan(Noun.TRUST, _node(ca_certificates="".join(CHAIN)), trusted=(former,))
    texts = _texts(made)
    assert texts.pop(former) is None
    assert sorted(map(str, texts.values())) == sorted(CHAIN)
    assert len(made.proofs) == 2
    assert certificates("".join(CHAIN)) == tuple(CHAIN)


@pytest.mark.parametrize(
    ("collector", "has", "has_not"),
    [
        (
            "udp://[2001:db8::1]:514",
            'target="2001:db8::1" port="514" protocol="udp"',
            "TCP_Framing",
        ),
        ("tcp://logs:601", 'target="logs" port="601" protocol="tcp"', "StreamDriver="),
        ("tls://logs.example.com:6514", 'PermittedPeers="logs.example.com"', "anon"),
    ],
)
def test_a_collector_is_reached_as_asked(collector: str, has: str, has_not: str) -> None:
    text = configuration(collector)
    assert has in text
    assert has_not not in text


def test_syslog_and_keyboard_have_units_only_where_asked() -> None:
    for noun, settings in (
        (Noun.SYSLOG, _node(syslog="tcp://logs:601")),
        (Noun.KEYBOARD, _node(keyboard="de-latin1")),
    ):
        assert _plan(noun, settings).is_on
        assert not _plan(noun, Settings()).is_on
        assert set(_texts(_plan(noun, Settings())).values()) == {None}


@pytest.mark.parametrize("noun", Noun)
def test_a_plan_follows_its_inputs_alone(noun: Noun) -> None:
    settings = Settings(
        network=Network(ntp=("a",), http_proxy="http://p:1"),
        node=Node(
            keyboard="de",
            syslog="udp://l:1",
            updates=Updates.OFF,
            mirror="http://m",
            ca_certificates=CHAIN[0],
        ),
    )
    assert _plan(noun, settings) == _plan(noun, settings)
    assert _plan(noun, settings).key == _plan(noun, settings).key
    assert _plan(noun, settings).laid != _plan(noun, Settings()).laid
