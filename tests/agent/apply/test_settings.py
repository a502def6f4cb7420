"""What forms begin with: accepted, refused, in force; and no secret among it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agent.accepted import refused, store
from agent.accepted.refused import Refused
from agent.accepted.store import Accepted, Membership
from agent.apply.settings import settings
from agent.errors import Fault
from agent.settings import normal
from agent.status import fragment, merge
from agent.system.files import Files
from agent.system.host import Host
from tests.fakes.clock import FakeClock
from tests.fakes.run import FakeRun

OWN = {
    "node.name": "n1",
    "node.admin_password": "correct horse",
    "network.http_proxy": "http://u:correct@proxy.lab:3128",
    "cluster.hostname": "own.example.com",
}
ZONE = Fault("node.timezone", "'Berlin' is no zone", "Left blank it means: Etc/UTC.")


@pytest.fixture
def host(tmp_path: Path) -> Host:
    host = Host(Files(tmp_path), FakeRun(), FakeClock())
    _ = store.save(host.files, Accepted(own=normal.from_text(OWN)))
    return host


def test_what_is_accepted_without_what_is_secret(host: Host) -> None:
    found = settings(host)
    assert found["accepted"] == {
        "node.name": "n1",
        "network.http_proxy": "http://********@proxy.lab:3128",
        "cluster.hostname": "own.example.com",
    }
    assert found["secrets"] == ["network.http_proxy", "node.admin_password"]
    assert "correct" not in json.dumps(found)
    assert (found["membership"], found["faults"], found["asked"]) == ("none", [], {})


def test_what_a_cluster_shares_is_in_force_and_not_the_nodes_own(host: Host) -> None:
    own = store.load(host.files).own
    shared = {"cluster.hostname": "board.example.com"}
    _ = store.save(host.files, Accepted(own, shared, Membership.MEMBER))
    found = settings(host)
    assert found["accepted"]["cluster.hostname"] == "own.example.com"
    assert found["effective"]["cluster.hostname"] == "board.example.com"
    assert found["membership"] == "member"


def test_what_was_refused_is_given_with_its_fault(host: Host) -> None:
    texts = {"node.timezone": "Berlin", "network.address": "192.0.2.1"}
    took = {"node": "what blank means, field by field"}
    _ = refused.save(host.files, Refused((ZONE,), took, "guestinfo", texts))
    found = settings(host)
    assert found["faults"] == [ZONE.as_json()]
    assert found["took"] == took
    assert found["asked"] == {"node.timezone": "Berlin"}


def test_what_the_status_tells_of_a_setting_is_given_once(host: Host) -> None:
    _ = refused.save(host.files, Refused((ZONE,)))
    silent = Fault("network.gateway", "the gateway does not answer", "see", "gateway-silent")
    rows = [ZONE.as_json(), silent.as_json(), Fault("firewall", "failed").as_json()]
    _ = fragment.put(host.files, "firstboot", {"faults": rows})
    _ = merge.publish(host.files)
    assert [row["setting"] for row in settings(host)["faults"]] == [
        "node.timezone",
        "network.gateway",
    ]
