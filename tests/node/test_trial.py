"""Other settings of the network on a running node: tried beside, kept, taken back, survived."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.lab.fleet import Fleet
from tests.lab.kernel import Kernel, kernel
from tests.lab.network import CARD, Network
from tests.lab.node import Node, Status

pytestmark = pytest.mark.node

_KEEPER = "bandstand-trial.service"
_SETTINGS = "/etc/bandstand/settings.json"
_FILE = f"/etc/systemd/network/10-bandstand-{CARD}.network"
_SOON_S = 20


@pytest.fixture(scope="module")
def node(fleet: Fleet, network: Network) -> Iterator[Node]:
    address = network.address(61)
    properties = {
        "network.address": f"{address}/24",
        "network.gateway": network.gateway,
        "network.dns": network.gateway,
        "node.name": "trying",
    }
    yield fleet.boot(fleet.make("trying", properties), address=address)
    fleet.containers["trying"].power_off()


@pytest.fixture
def before(node: Node) -> Kernel:
    """Each test finds the same, and leaves it."""
    assert node.ask("bandstand", "network", "trial", "--json")["seconds_left"] == 0
    return kernel(node)


def _set(node: Node, *words: str) -> Any:
    return node.ask("bandstand", "network", "set", "--json", *words)


def _ended(node: Node, before: Kernel, because: str) -> None:
    assert _taken_back(node, because)["faults"] == []
    assert not kernel(node).differs(before)


def _taken_back(node: Node, because: str) -> Status:
    told = node.wait(
        lambda status: status.get("trial", {}).get("state") == "taken-back",
        within_s=_SOON_S,
        what="the end of the trial",
    )
    assert told["trial"]["because"] == because
    return told


def _holds(node: Node, address: str) -> bool:
    return f" {address}/" in node.check("ip", "-o", "address", "show", "dev", CARD)


@contextlib.contextmanager
def _full(node: Node, folder: str) -> Iterator[None]:
    """This folder lies on a disk of its own meanwhile, on which no byte is left."""
    copy = f"cp -a {folder} /run/copy && mount -t tmpfs -o size=1m,mode=755 full {folder}"
    node.check("sh", "-c", f"{copy} && cp -a /run/copy/. {folder}")
    _ = node.shell.root("sh", "-c", f"cat /dev/zero > {folder}/filler")
    yield
    node.check("umount", folder)


def test_what_nobody_confirms_is_taken_back_exactly(
    node: Node, network: Network, before: Kernel
) -> None:
    other, kept = network.address(62), [node.read(path) for path in (_SETTINGS, _FILE)]
    said = _set(node, f"address={other}/24", "search=lab, other.lab", "--within", "5")
    assert (said["state"], said["faults"]) == ("waiting", [])
    assert network.answers(node.address, 443)
    assert network.answers(other, 443)
    assert "other.lab" in node.check("resolvectl", "domain", CARD)
    assert "bandstand network confirm" in node.check("bandstand", "status")
    refused = node.shell.root("bandstand", "network", "set", f"address={network.address(63)}/24")
    assert (refused.returncode, "trial" in refused.stderr) == (6, True)
    node.check("systemctl", "kill", "--signal=KILL", _KEEPER)
    _ended(node, before, "nobody confirmed it in time")
    assert [node.read(path) for path in (_SETTINGS, _FILE)] == kept
    assert node.shell.root("bandstand", "network", "confirm").returncode == 6


def test_who_asked_is_killed_while_it_is_tried(
    node: Node, network: Network, before: Kernel
) -> None:
    other = network.address(64)
    # A resolver that does not answer is waited for.
    words = f"bandstand network set address={other}/24 dns={network.address(250)}"
    node.check("sh", "-c", f"setsid {words} < /dev/null > /dev/null 2>&1 &")
    node.until(lambda: _holds(node, other), within_s=_SOON_S, what="the address that is tried")
    node.check("systemctl", "kill", "--signal=KILL", "bandstand-apply@*.service")
    _ended(node, before, "who tried it broke off")


def test_a_lease_is_tried_beside_a_static_address(node: Node, before: Kernel) -> None:
    said = _set(node, "mode=dhcp", "dns=", "--within", "5")
    assert said["state"] == "waiting"
    (card,) = json.loads(node.check("ip", "-j", "-4", "address", "show", "dev", CARD))
    assert {row["dynamic"] for row in card["addr_info"] if "dynamic" in row} == {True}
    assert _holds(node, node.address)
    _ended(node, before, "nobody confirmed it in time")


def test_a_cable_that_is_pulled_while_it_is_tried(
    node: Node, network: Network, fleet: Fleet, before: Kernel
) -> None:
    """Left alone it is taken back without a cable too; who keeps it nevertheless is told."""
    container, other = fleet.containers["trying"], network.address(67)
    assert _set(node, f"address={other}/24", "--within", "5")["state"] == "waiting"
    container.cut()
    _taken_back(node, "nobody confirmed it in time")
    container.mend()
    _ = node.wait_link("up", within_s=_SOON_S)
    node.until(lambda: not kernel(node).differs(before), within_s=_SOON_S, what="what was before")
    assert _set(node, f"address={other}/24")["state"] == "waiting"
    container.cut()
    _ = node.wait_link("down", within_s=_SOON_S)
    assert "no carrier" in node.check("bandstand", "network", "confirm")
    container.mend()
    node.until(
        lambda: network.answers(other, 443), within_s=_SOON_S, what="a page at the new address"
    )
    assert node.ask("bandstand", "network", "undo", "--json")["state"] == "restored"
    node.until(lambda: not kernel(node).differs(before), within_s=_SOON_S, what="what was before")


def test_a_disk_that_is_full_when_it_is_to_be_kept(
    node: Node, network: Network, before: Kernel
) -> None:
    other, held = network.address(68), [node.read(path) for path in (_SETTINGS, _FILE)]
    assert _set(node, f"address={other}/24")["state"] == "waiting"
    with _full(node, "/etc/bandstand"):
        kept = node.shell.root("bandstand", "network", "confirm")
        named = node.shell.root("bandstand", "node", "set", "timezone=Europe/Berlin")
        assert [node.read(path) for path in (_SETTINGS, _FILE)] == held
    for said in (kept, named):
        assert (said.returncode, "space" in said.stderr.lower()) == (1, True), said
    _ended(node, before, "it could not be kept")
    assert node.check("readlink", "/etc/localtime").strip().endswith("UTC")


def test_a_power_cut_ends_a_trial(
    node: Node, network: Network, fleet: Fleet, before: Kernel
) -> None:
    other = network.address(65)
    assert _set(node, f"address={other}/24")["state"] == "waiting"
    fleet.containers["trying"].kill()
    fleet.containers["trying"].start(ready_s=None)
    assert "trial" not in node.wait_settled(within_s=60)
    assert not kernel(node).differs(before)


def test_what_is_confirmed_is_there_after_a_reboot_and_can_be_undone(
    node: Node, network: Network, fleet: Fleet, before: Kernel
) -> None:
    other = network.address(66)
    assert _set(node, f"address={other}/24")["state"] == "waiting"
    said = node.ask("bandstand", "network", "confirm", "--json")
    assert (said["state"], said["faults"]) == ("kept", [])
    assert not _holds(node, node.address)
    names = node.wait(
        lambda status: other in status["certificate"].get("names", ()),
        within_s=_SOON_S,
        what="a certificate of the new address",
    )["certificate"]["names"]
    assert node.address not in names
    after = kernel(node)
    fleet.containers["trying"].power_off()
    fleet.containers["trying"].start(ready_s=None)
    _ = node.wait_settled(within_s=60)
    assert not kernel(node).differs(after)
    assert node.ask("bandstand", "network", "undo", "--json")["state"] == "restored"
    node.until(lambda: not kernel(node).differs(before), within_s=_SOON_S, what="what was before")
    assert node.shell.root("bandstand", "network", "undo").returncode == 6
