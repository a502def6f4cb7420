"""What a real node tells besides its status: the journal, vSphere, a bundle."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from agent.status import entries
from tests.lab.node import Node

pytestmark = pytest.mark.node

_PREFIX = "info-set guestinfo.bandstand."
_BUNDLE = "/root-of-the-test.tar.gz"


def _entries(node: Node, *match: str) -> list[Mapping[str, str]]:
    said = node.check("journalctl", "--no-pager", "-o", "json", "-b", *match)
    return [json.loads(line) for line in said.splitlines()]


def test_its_state_is_an_entry_with_fields(static_node: Node) -> None:
    found = _entries(static_node, f"MESSAGE_ID={entries.STATE}", "BANDSTAND_STATE=ready")
    assert found
    assert found[-1]["_SYSTEMD_UNIT"] == "bandstand-agent.service"
    assert found[-1]["SYSLOG_IDENTIFIER"] == "bandstand"
    assert found[-1]["BANDSTAND_SOURCE"] == "guestinfo"


def test_vsphere_is_told_how_it_stands(static_node: Node) -> None:
    """The stub of vmtoolsd writes down what it was told."""

    def told() -> dict[str, str]:
        said = static_node.shell.root("cat", "/run/lab-guestinfo").stdout
        rows = [line.removeprefix(_PREFIX) for line in said.splitlines()]
        return {key: text for key, _, text in (row.partition(" ") for row in rows)}

    def is_whole() -> bool:
        return told().get("state") == "ready" and told().get("updated", "") != ""

    static_node.until(is_whole, within_s=60, what="keys of guestinfo that tell of a ready node")
    status = static_node.status()
    assert told()["address"] == static_node.address
    assert told()["url"] == status["url"]
    assert told()["fault"] == "none"
    assert told()["fingerprint"].replace(":", "").lower() == status["certificate"]["sha256"]
    assert status["guestinfo"] == {"told": True, "because": ""}


def test_no_secret_of_it_stands_outside(static_node: Node) -> None:
    said = static_node.ask("bandstand", "node", "secrets", "--json")
    assert (said["secrets"], said["source"]) == ([], "guestinfo")


def test_its_bundle_holds_what_it_says_and_no_key(static_node: Node) -> None:
    made = static_node.ask("bandstand", "node", "support", _BUNDLE, "--json", within_s=120)
    assert static_node.check("stat", "-c", "%a %U", _BUNDLE).split() == ["600", "root"]
    inside = static_node.check("tar", "-xzOf", _BUNDLE)
    listed = static_node.check("tar", "-tzf", _BUNDLE).splitlines()
    assert [name.partition("/")[2] for name in listed] == ["contents.txt", *made["contents"]]
    assert "ens32" in inside
    assert "server_name" in inside
    key = static_node.read("/etc/nginx/bandstand/live/key.pem").splitlines()[1:-1]
    assert not any(line in inside for line in key)
    assert "PRIVATE KEY" not in inside


def test_a_watcher_is_told_without_being_asked_again(static_node: Node) -> None:
    """The agent tells at least every quarter of a minute; an interrupt is how a watch ends."""
    limit = ("timeout", "--signal=INT", "--kill-after=5", "40")
    watch = ("bandstand", "status", "--watch", "--json")
    said = static_node.shell.root(*limit, *watch, within_s=60)
    seen = [json.loads(line) for line in said.stdout.splitlines()]
    assert len({one["updated"] for one in seen}) >= 2
    assert said.stderr == ""
