"""The door to the kernel's network, on a real kernel: a namespace with a cable of its own."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from ipaddress import IPv4Address, IPv4Interface

import pytest

from agent.errors import StepFailed
from agent.system import netlink
from agent.system.clock import Clock
from agent.system.netlink import Kernel
from agent.system.netstate import Link
from tests.fakes.namespace import ip, own_network

pytestmark = pytest.mark.node

ADDRESS = IPv4Interface("192.0.2.10/24")
GATEWAY = IPv4Address("192.0.2.1")
# Long enough for a busy machine; what is awaited comes after a fraction of it.
_LONG_S = 20.0
_SOON_S = 0.1


@pytest.fixture
def kernel() -> Iterator[Kernel]:
    with own_network(), Kernel() as made:
        yield made


@pytest.fixture
def cable(kernel: Kernel) -> Link:
    ip("link", "add", "ens32", "address", "00:50:56:ab:cd:ef", "type", "veth", "peer", "far")
    ip("link", "set", "far", "up")
    found = kernel.link("ens32")
    assert found is not None
    return found


def _soon(event: Callable[[], object]) -> threading.Timer:
    """Threads inherit the namespace, so what they do happens in here."""
    timer = threading.Timer(_SOON_S, event)
    timer.start()
    return timer


def _assert_seen(kernel: Kernel, look: Callable[[], bool], event: Callable[[], object]) -> None:
    timer, began = _soon(event), time.monotonic()
    assert kernel.wait(lambda: look() or None, timeout_s=_LONG_S, clock=Clock())
    assert time.monotonic() - began < _LONG_S / 2
    timer.join()


def test_a_card_is_told_from_other_devices(kernel: Kernel, cable: Link) -> None:
    assert (cable.name, cable.mac, cable.is_card) == ("ens32", "00:50:56:ab:cd:ef", True)
    assert not cable.is_up
    assert [link.name for link in kernel.links() if not link.is_card] == ["lo"]
    assert netlink.mac("ens32") == "00:50:56:ab:cd:ef"
    assert netlink.mac("ens33") is None
    assert kernel.link("ens33") is None


def test_a_card_goes_up_and_gets_carrier(kernel: Kernel, cable: Link) -> None:
    def has_carrier() -> bool:
        card = kernel.link("ens32")
        return card is not None and card.is_up and card.has_carrier

    _assert_seen(kernel, has_carrier, lambda: kernel_up(cable.ifindex))


def kernel_up(index: int) -> None:
    with Kernel() as own:
        own.set_up(index)


def test_a_card_is_renamed_though_it_is_up(kernel: Kernel, cable: Link) -> None:
    kernel.set_up(cable.ifindex)
    kernel.rename(cable.ifindex, "other0")
    assert kernel.link("other0") is not None


@pytest.mark.parametrize(
    ("text", "broadcast"),
    [("192.0.2.10/24", "192.0.2.255"), ("192.0.2.10/31", None), ("192.0.2.10/32", None)],
)
def test_an_address_is_set_as_networkd_would(
    kernel: Kernel, cable: Link, text: str, broadcast: str | None
) -> None:
    kernel.add_address(cable.ifindex, IPv4Interface(text))
    (address,) = kernel.addresses(cable.ifindex)
    assert str(address.interface) == text
    assert address.broadcast == broadcast
    assert address.is_permanent
    assert address.is_usable


def test_an_address_set_again_is_updated_not_doubled(kernel: Kernel, cable: Link) -> None:
    kernel.add_address(cable.ifindex, ADDRESS)
    (first,) = kernel.addresses(cable.ifindex)
    # The kernel counts hundredths of a second.
    Clock().pause(0.03)
    kernel.add_address(cable.ifindex, ADDRESS)
    (second,) = kernel.addresses(cable.ifindex)
    assert second._replace(updated=first.updated) == first
    assert second.updated > first.updated


def test_a_default_route_is_static_replaced_and_removed(kernel: Kernel, cable: Link) -> None:
    kernel.set_up(cable.ifindex)
    kernel.add_address(cable.ifindex, ADDRESS)
    kernel.replace_default_route(cable.ifindex, GATEWAY)
    kernel.replace_default_route(cable.ifindex, IPv4Address("192.0.2.2"))
    (route,) = kernel.default_routes(cable.ifindex)
    assert (str(route.gateway), route.protocol, route.metric) == ("192.0.2.2", 4, 0)
    assert "default via 192.0.2.2 dev ens32 proto static" in ip("route", "show", "default")
    kernel.remove_default_route(cable.ifindex, IPv4Address("192.0.2.2"))
    assert kernel.default_routes(cable.ifindex) == ()


def test_what_is_gone_already_is_removed_quietly(kernel: Kernel, cable: Link) -> None:
    kernel.set_up(cable.ifindex)
    kernel.add_address(cable.ifindex, ADDRESS)
    kernel.replace_default_route(cable.ifindex, GATEWAY)
    for _ in range(2):
        kernel.remove_default_route(cable.ifindex, GATEWAY)
        kernel.remove_address(cable.ifindex, ADDRESS)
        assert not kernel.default_routes(cable.ifindex)
        assert ADDRESS not in [one.interface for one in kernel.addresses(cable.ifindex)]


def test_what_the_kernel_refuses_is_a_sentence(kernel: Kernel, cable: Link) -> None:
    kernel.set_up(cable.ifindex)
    with pytest.raises(StepFailed, match=r"route through the gateway 192\.0\.2\.1: Network is unr"):
        kernel.replace_default_route(cable.ifindex, GATEWAY)


def test_rules_and_routes_are_listed(kernel: Kernel, cable: Link) -> None:
    ip("rule", "add", "from", "192.0.2.0/24", "table", "77", "priority", "100")
    assert ("192.0.2.0/24", 77, 100) in [
        (rule.source, rule.table, rule.priority) for rule in kernel.rules()
    ]
    ip("link", "set", "ens32", "up")
    ip("route", "add", "198.51.100.0/24", "dev", "ens32", "table", "77")
    assert ("198.51.100.0/24", 77) in [
        (str(route.destination), route.table) for route in kernel.routes()
    ]


def test_a_card_that_comes_is_seen(kernel: Kernel) -> None:
    def plug() -> None:
        ip("link", "add", "ens32", "type", "veth", "peer", "far")

    _assert_seen(kernel, lambda: kernel.link("ens32") is not None, plug)


def test_a_card_that_is_renamed_is_seen(kernel: Kernel) -> None:
    ip("link", "add", "eth7", "type", "veth", "peer", "far")
    _assert_seen(
        kernel,
        lambda: kernel.link("ens32") is not None,
        lambda: ip("link", "set", "eth7", "name", "ens32"),
    )


def test_an_address_that_comes_is_seen(kernel: Kernel, cable: Link) -> None:
    _assert_seen(
        kernel,
        lambda: bool(kernel.addresses(cable.ifindex)),
        lambda: ip(
            "address",
            "add",
            "192.0.2.77/24",
            "valid_lft",
            "60",
            "preferred_lft",
            "60",
            "dev",
            "ens32",
        ),
    )
    assert not kernel.addresses(cable.ifindex)[0].is_permanent


def test_what_never_comes_ends_the_wait_in_time(kernel: Kernel) -> None:
    began = time.monotonic()
    assert kernel.wait(lambda: None, timeout_s=0.2, clock=Clock()) is None
    assert 0.2 <= time.monotonic() - began < _LONG_S / 2


def test_waiting_does_not_poll(kernel: Kernel) -> None:
    """One look before it listens, and one after: what came between is not missed."""
    looks: list[int] = []

    def look() -> None:
        looks.append(1)

    kernel.wait(look, timeout_s=0.5, clock=Clock())
    assert len(looks) == 2
