"""The sequence around the stages: what is read, kept, refused and told again."""

from __future__ import annotations

import json
from ipaddress import IPv4Interface
from pathlib import Path
from typing import Any

import pytest

from agent.accepted import acts, store
from agent.system.files import Files
from agent.system.host import Host
from agent.values import join_string
from firstboot.sequence import CONFIGURED, boot
from tests.fakes.run import FakeRun

_GOOD = {"network.address": "192.0.2.10/24", "network.gateway": "192.0.2.1", "network.dns": "none"}


@pytest.fixture
def host(tmp_path: Path) -> Host:
    return Host(files=Files(tmp_path), run=FakeRun())


def _answers(host: Host, answers: dict[str, str]) -> None:
    _ = host.files.write("/etc/bandstand/answers.json", json.dumps(answers))


def _status(host: Host) -> dict[str, Any]:
    return dict(json.loads(host.files.read("/run/bandstand/status.json") or "{}"))


def test_answers_are_accepted_once_and_hold(host: Host) -> None:
    _answers(host, _GOOD)
    assert not boot(host, stages=()).faults
    _answers(host, {"network.address": "198.51.100.7/24"})
    assert not boot(host, stages=()).faults
    held = store.load(host.files)
    assert held.own.network.interface == IPv4Interface("192.0.2.10/24")
    assert host.files.exists(CONFIGURED)
    assert _status(host)["phase"] == "ready"


def test_a_refused_category_takes_its_fallback_and_is_told_again(host: Host) -> None:
    _answers(host, {**_GOOD, "network.gateway": "203.0.113.1", "node.timezone": "Europe/Berlin"})
    first = boot(host, stages=())
    assert [fault.setting for fault in first.faults] == ["network.gateway"]
    assert [(fall.category, fall.took) for fall in first.fallbacks] == [("network", "DHCP")]
    held = store.load(host.files)
    assert not held.own.network.is_static
    assert held.own.node.timezone == "Europe/Berlin"
    assert boot(host, stages=()) == first
    assert _status(host)["state"] == "degraded"


def test_nobody_said_anything(host: Host) -> None:
    assert not boot(host, stages=()).faults
    assert store.load(host.files).source == "defaults"


def test_a_join_string_becomes_an_act_and_is_not_stored(host: Host) -> None:
    text = join_string.format(join_string.generate([join_string.parse_seed("192.0.2.11")]))
    _answers(host, {"cluster.join": text})
    assert not boot(host, stages=()).faults
    assert set(acts.pending(host.files)) == {"cluster.join"}
    assert text not in (host.files.read("/etc/bandstand/settings.json") or "")
