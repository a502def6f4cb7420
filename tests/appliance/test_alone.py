"""A node with a static address, before it has a cluster: what an administrator meets."""

from __future__ import annotations

import json

import pytest

from tests.appliance import told
from tests.appliance.conftest import PICTURES
from tests.lab import checks, screen, web
from tests.lab.pair import FIRST, Pair

pytestmark = pytest.mark.appliance


def test_tty1_tells_where_the_node_is(alone: Pair) -> None:
    shown = screen.read(PICTURES / "node-1-alone.png")
    assert shown.unknown == 0
    for word in ("node-1", alone.first.address, "ens32"):
        assert word in shown.text, shown.text


def test_nothing_scribbles_over_tty1(alone: Pair) -> None:
    shown = screen.read(PICTURES / "node-1-alone.png")
    assert not [row for row in shown.rows if row.lstrip().startswith("[ ")], shown.text


def test_it_has_no_cluster_yet(alone: Pair) -> None:
    ok, saw = checks.health(alone.first.node, 503)
    assert ok, saw


def test_everything_else_is_the_holding_page(alone: Pair) -> None:
    assert alone.first.node.get("/anything").status == 503
    assert alone.first.node.get("/cluster").status == 200


def test_no_sign_was_lost_on_the_way(alone: Pair) -> None:
    node = alone.first.node
    assert (node.status()["faults"], node.status()["fallbacks"]) == ([], [])
    stored = json.loads(node.read("/etc/bandstand/settings.json"))["settings"]
    assert stored["cluster.name"] == told.TEXTS["cluster.name"]
    lines = node.read("/home/admin/.ssh/authorized_keys").splitlines()
    keys = [line for line in lines if not line.startswith("#")]
    assert [key.endswith(told.SIGNS) for key in keys] == [True]


def test_the_certificate_that_it_was_given_is_mended_and_served(
    alone: Pair, brought: told.Pair
) -> None:
    node = alone.first.node
    assert node.get("/cluster").sha256 == brought.leaf.sha256
    assert node.status()["certificate"]["source"] == "given"
    web.trust(node.network, node.address, name=FIRST, root=brought.root.pem)


def test_testinfra_sees_the_services(alone: Pair) -> None:
    host = alone.first.ssh.testinfra()
    for name in ("nginx", "nftables", "chrony", "systemd-networkd", "bandstand-agent"):
        assert host.service(name).is_running or name == "nftables", name
        assert host.service(name).is_enabled, name
    assert host.file("/etc/cloud/cloud-init.disabled").exists
    for name in ("bandstand-console", "bandstand-console@ttyS0"):
        assert host.service(name).is_running, name
    logins = "systemctl list-units --plain --no-legend 'getty@*' 'serial-getty@*' 'autovt@*'"
    assert host.check_output(logins) == ""
    assert not host.socket("tcp://0.0.0.0:13000").is_listening


def test_a_storm_of_the_kernel_does_not_reach_tty1(alone: Pair) -> None:
    """It goes to terminal 12, and the console is as it was."""
    guest = alone.first
    flood = "for at in $(seq 500); do echo '<0>storm '$at > /dev/kmsg; done"
    guest.node.check("sh", "-c", flood)
    text = guest.sees(PICTURES, "storm", "This node")
    assert "storm" not in text
    guest.machine.press("alt", "f12")
    _ = guest.sees(PICTURES, "storm", "storm 500")
    guest.machine.press("alt", "f1")
    assert "storm" not in guest.sees(PICTURES, "storm", "This node")


def test_the_console_that_is_killed_starts_again(alone: Pair) -> None:
    guest = alone.first

    def main_pid() -> str:
        asked = ("systemctl", "show", "--property=MainPID", "--value", "bandstand-console")
        return guest.node.check(*asked).strip()

    before = main_pid()
    guest.node.check("kill", "-9", before)

    def is_another() -> bool:
        return main_pid() not in ("0", before)

    guest.machine.until(is_another, within_s=120, what="another process of the console")
    assert guest.address in guest.sees(PICTURES, "killed", "Open this")
