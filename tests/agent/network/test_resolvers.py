"""Resolvers at first boot: those given, else the lease's, once for each handover."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address

import pytest

from agent.errors import StepFailed
from agent.network import resolvers
from agent.network.state import TOLD_BY_NETWORKD
from agent.settings.network import Network
from agent.system import resolver
from agent.values.words import Nothing
from tests.agent.network.node import STATIC, Node, names

_GIVEN, _LEASED = IPv4Address("192.0.2.53"), IPv4Address("198.51.100.53")
_ROUTER = IPv6Address("fe80::1%ens32")

Address = IPv4Address | IPv6Address


@dataclass
class Servers:
    """Who is silent; remembers who was asked."""

    silent: set[Address] = field(default_factory=set[Address])
    asked: list[tuple[Address, ...]] = field(default_factory=list[tuple[Address, ...]])

    def __call__(self, them: Sequence[Address], *_: object, **__: object) -> tuple[Address, ...]:
        self.asked.append(tuple(them))
        return tuple(one for one in them if one in self.silent)


@pytest.fixture
def servers(monkeypatch: pytest.MonkeyPatch) -> Servers:
    made = Servers()
    monkeypatch.setattr(resolver, "silent", made)
    return made


def _lease(node: Node) -> None:
    node.net.give("198.51.100.20/24")
    index = node.net.cards[0].ifindex
    names = f"{_LEASED} fe80::1 2001:db8::53 dot.example.com#853"
    told = f"ADMIN_STATE=configured\nDNS={names}\nNTP=192.0.2.1\n"
    node.files.write(f"{TOLD_BY_NETWORKD}/{index}", told)


def test_those_given_are_asked_and_not_the_lease_s(node: Node, servers: Servers) -> None:
    node.apply(STATIC)
    _lease(node)
    assert names(node.resolve(STATIC)) == ["network.resolvers"]
    assert servers.asked == [(_GIVEN,)]


def test_without_any_given_those_of_the_lease_are(node: Node, servers: Servers) -> None:
    node.apply(Network())
    _lease(node)
    node.resolve(Network())
    assert servers.asked == [(_LEASED, _ROUTER)]


def test_a_silent_one_is_told_and_the_address_kept(node: Node, servers: Servers) -> None:
    servers.silent = {_GIVEN}
    node.apply(STATIC)
    with pytest.raises(StepFailed, match=r"192\.0\.2\.53 does not answer") as told:
        node.resolve(STATIC)
    assert (told.value.setting, told.value.code) == ("network.dns", "resolver-silent")
    assert node.net.addresses == ["192.0.2.10/24"]


def test_all_that_are_silent_are_named(node: Node, servers: Servers) -> None:
    servers.silent = {_LEASED, _ROUTER}
    node.apply(Network())
    _lease(node)
    with pytest.raises(StepFailed, match=r"198\.51\.100\.53, fe80::1%ens32 do not answer"):
        node.resolve(Network())


def test_none_waives_it(node: Node, servers: Servers) -> None:
    wanted = STATIC._replace(dns=Nothing.NONE)
    node.apply(wanted)
    assert node.resolve(wanted) == ()
    assert servers.asked == []


def test_what_answered_is_not_asked_again_until_it_is_handed_over_anew(
    node: Node, servers: Servers
) -> None:
    node.apply(STATIC)
    node.resolve(STATIC)
    assert node.resolve(STATIC) == ()
    servers.silent = {_GIVEN}
    other = STATIC._replace(gateway=IPv4Address("192.0.2.2"))
    node.apply(other)
    with pytest.raises(StepFailed):
        node.resolve(other)
    with pytest.raises(StepFailed):
        node.resolve(other)


def test_without_an_address_nobody_is_asked_until_there_is_one(
    node: Node, servers: Servers
) -> None:
    node.apply(Network())
    node.resolve(Network())
    assert servers.asked in ([], [()])
    _lease(node)
    node.tell_addresses()
    node.resolve(Network())
    assert servers.asked[-1] == (_LEASED, _ROUTER)


def test_ipv6_ones_are_asked_once_the_card_has_ipv6(node: Node, servers: Servers) -> None:
    node.apply(Network())
    _lease(node)
    node.net.give("2001:db8::20/64")
    node.resolve(Network())
    assert servers.asked == [(_LEASED, _ROUTER, IPv6Address("2001:db8::53"))]


def test_a_resolver_with_a_name_instead_of_an_address_is_left_out() -> None:
    assert resolvers.parsed(["192.0.2.53", "", "x#y", "2001:db8::53"]) == (
        _GIVEN,
        IPv6Address("2001:db8::53"),
    )
