"""What a node uses of others, where all of it was given: the distribution's programs agree. And
a portal on a port of its own, since this node is asked for so much anyway.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from agent.services.plan import certificates
from agent.values.keyboard import keymaps
from tests.fakes.issuer import chain_of, issue
from tests.lab import checks, web
from tests.lab.fleet import Fleet
from tests.lab.node import Node

pytestmark = pytest.mark.node

NOW = datetime.now(UTC)
CHAIN = "".join(one.pem for one in chain_of(2))
PORTAL = issue("board.lab", begins=NOW - timedelta(days=1), ends=NOW + timedelta(days=90))
PROXY = "http://deploy:correct-horse@127.0.0.1:3128"
_EXPOSED = {
    "bandstand-agent.service": 25,
    "bandstand-apply@0.service": 55,
    "bandstand-certificate.service": 25,
    "bandstand-console.service": 25,
    "bandstand-console@ttyS0.service": 25,
    "bandstand-firstboot.service": 50,
    "bandstand-firstboot-later.service": 50,
    "bandstand-portal.service": 25,
    "bandstand-syslog.service": 25,
    "bandstand-trial.service": 55,
}
# One connection, all it says into a file.
COLLECTOR = """
import socket
with socket.create_server(("127.0.0.1", 1514)) as door, open("/run/collected", "wb", 0) as out:
    line, _ = door.accept()
    while part := line.recv(4096):
        out.write(part)
"""


@pytest.fixture(scope="module")
def node(fleet: Fleet) -> Node:
    properties = {
        "network.ntp": "ntp1.lab, 192.0.2.123",
        "network.http_proxy": PROXY,
        "network.no_proxy": ".lab",
        "node.name": "using",
        "node.keyboard": "de-latin1",
        "node.syslog": "tcp://127.0.0.1:1514",
        "node.updates": "off",
        "node.mirror": "http://mirror.lab",
        "node.ca_certificates": CHAIN,
        "node.console": "off",
        "node.public_address": "board.lab",
        "portal.port": "8443",
        "portal.certificate": PORTAL.pem,
        "portal.key": PORTAL.key_pem,
    }
    return fleet.boot(fleet.make("using", properties))


def test_all_of_it_is_in_force(node: Node) -> None:
    status = node.status()
    assert (status["state"], status["faults"]) == ("ready", []), status
    assert status["restart_needed"] == {"yes": False, "because": ""}
    ok, saw = checks.no_failed_unit(node)
    assert ok, saw


def test_chrony_reads_its_configuration(node: Node) -> None:
    assert "sourcedir" in node.check("chronyd", "-p", "-f", "/etc/chrony/bandstand.conf")
    assert "server ntp1.lab iburst" in node.read("/etc/chrony/sources.d/bandstand.sources")


def test_apt_has_proxy_mirror_and_no_updates_of_its_own(node: Node) -> None:
    told = node.check("apt-config", "dump")
    for line in (
        f'Acquire::http::Proxy "{PROXY}";',
        'Acquire::http::Proxy::mirror.lab "DIRECT";',
        f'Acquire::http::Proxy::{node.address} "DIRECT";',
        'APT::Periodic::Enable "0";',
    ):
        assert line in told
    asked = node.check("apt-get", "--print-uris", "update")
    assert "http://mirror.lab/debian-security" in asked
    assert "deb.debian.org" not in asked
    assert node.check("stat", "-c", "%a", "/etc/apt/apt.conf.d/90bandstand-proxy").strip() == "600"


def test_the_credentials_lie_in_two_files_alone(node: Node) -> None:
    look = "grep -rl --exclude='lab-*' correct-horse /etc /run /var || true"
    found = node.check("sh", "-c", look).split()
    places = {name.rpartition("/")[0] for name in found}
    assert places == {"/etc/apt/apt.conf.d", "/etc/bandstand/secrets"}


def test_the_private_cas_are_trusted(node: Node) -> None:
    bundle = node.read("/etc/ssl/certs/ca-certificates.crt")
    assert all(one in bundle for one in certificates(CHAIN))


def test_the_journal_reaches_the_collector(node: Node) -> None:
    _ = node.check("systemd-run", "--unit=collector", "python3", "-c", COLLECTOR)
    _ = node.check("logger", "-t", "lab", "a word for the collector")

    def arrived() -> bool:
        return "a word for the collector" in node.check("sh", "-c", "cat /run/collected || true")

    node.until(arrived, within_s=60, what="a message at the collector")


def test_every_keymap_of_the_settings_is_in_the_image(node: Node) -> None:
    found = node.check("find", "/usr/share/keymaps", "-name", "*.kmap.gz").split()
    there = {name.rpartition("/")[2].removesuffix(".kmap.gz") for name in found}
    assert set(keymaps()) <= there
    assert "KEYMAP=de-latin1" in node.read("/etc/bandstand/keyboard")


def test_the_portal_has_its_port_and_its_pair(node: Node) -> None:
    status = node.wait_serving(within_s=30)
    assert status["url"] == "https://board.lab:8443/cluster"
    assert status["certificate"]["sha256"] == PORTAL.sha256
    assert web.get(node.network, node.address, "/cluster", port=8443).sha256 == PORTAL.sha256
    sent = node.get("/cluster")
    assert (sent.status, sent.location) == (307, f"https://{node.address}:8443/cluster")
    assert sent.sha256 != PORTAL.sha256
    told = node.read("/etc/nginx/bandstand/live/pair.json")
    assert {"using", node.address, "board.lab"} <= set(json.loads(told)["names"])
    assert {("tcp", 443), ("tcp", 8443)} <= checks.listeners(node)


def test_a_console_that_is_off_is_told_and_its_unit_stays(node: Node) -> None:
    said = node.check("systemctl", "is-enabled", "bandstand-console.service")
    assert said.strip() == "enabled"
    assert node.status()["node"]["console"] is False


def test_no_unit_may_do_more_than_was_promised(unanswered_node: Node) -> None:
    """By the image's own systemd, with its drop-ins; out of a hundred."""
    for unit, most in _EXPOSED.items():
        said = ("systemd-analyze", "security", "--no-pager", f"--threshold={most}", unit)
        _ = unanswered_node.check(*said)


def test_nothing_given_starts_none_of_it(unanswered_node: Node) -> None:
    for unit in ("bandstand-syslog", "bandstand-keyboard", "rsyslog", "unattended-upgrades"):
        said = unanswered_node.shell.root("systemctl", "is-active", unit)
        assert said.stdout.strip() == "inactive", unit
    timers = unanswered_node.check("systemctl", "is-enabled", "apt-daily-upgrade.timer")
    assert timers.strip() == "enabled"
