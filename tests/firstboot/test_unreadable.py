"""Properties that are given, but whose text cannot be told: each costs what a bad one costs."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.accepted import acts, refused, store
from agent.change import Outcome
from agent.settings.cluster import Cluster
from agent.settings.database import Database
from agent.settings.network import Network
from agent.system.files import Files
from agent.system.host import Host
from firstboot.sequence import boot
from tests.fakes.run import FakeRun
from tests.firstboot.machine import ALLOWED, STATIC, Machine

_INIT = {
    "cluster.init": "True",
    "cluster.name": "west",
    "cluster.admin_user": "operator",
    "cluster.admin_password": "canary battery",
    "cluster.recovery_public_key": "MCowBQYDK2VuAyEAhSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo=",
    "database.host": "db.test",
    "database.name": "board",
    "database.user": "board",
    "database.password": "horse",
}
# As govc leaves it, where nothing tells what was meant; and as a wrong decoder leaves it.
_AMBIGUOUS, _LOST = 'a<"/>b', "a\ufffdb"


@pytest.fixture
def host(tmp_path: Path) -> Host:
    host = Host(files=Files(tmp_path), run=FakeRun())
    _ = host.files.write("/run/systemd/container", "test")
    return host


def _unescaped(properties: dict[str, str]) -> str:
    rows = "".join(
        f'<Property oe:key="{key}" oe:value="{text}"/>' for key, text in properties.items()
    )
    return f"<Environment><PropertySection>{rows}</PropertySection></Environment>"


def _boot(host: Host, properties: dict[str, str]) -> Outcome:
    assert isinstance(host.run, FakeRun)
    host.run.on("vmtoolsd", stdout=_unescaped(properties))
    return boot(host, stages=())


def _told(outcome: Outcome) -> tuple[list[str], dict[str, str]]:
    fallbacks = {fallback.category: fallback.took for fallback in outcome.fallbacks}
    return [fault.setting for fault in outcome.faults], fallbacks


@pytest.mark.parametrize("text", [_AMBIGUOUS, _LOST])
@pytest.mark.parametrize("key", [key for key in _INIT if key.startswith("cluster.")])
def test_no_cluster_is_made_that_is_not_the_one_meant(host: Host, key: str, text: str) -> None:
    outcome = _boot(host, {**_INIT, key: text})
    assert _told(outcome) == ([key], {"cluster": "not joined"})
    assert acts.pending(host.files) == {}
    assert store.load(host.files).own.cluster == Cluster()
    assert store.load(host.files).own.database.host == "db.test"
    assert _boot(host, {**_INIT, key: text}) == outcome


@pytest.mark.parametrize("text", [_AMBIGUOUS, _LOST])
def test_a_password_that_cannot_be_told_is_not_unset(host: Host, text: str) -> None:
    outcome = _boot(host, {**_INIT, "database.password": text})
    fallbacks = {"cluster": "not joined", "database": "none"}
    assert _told(outcome) == (["cluster.init", "database.password"], fallbacks)
    assert acts.pending(host.files) == {}
    assert store.load(host.files).own.database == Database()


@pytest.mark.parametrize("text", [_AMBIGUOUS, _LOST])
def test_one_fault_is_told_of_it_in_the_order_of_the_form(host: Host, text: str) -> None:
    given = {"node.timezone": "Berlin", **STATIC, "guestinfo.gateway": text}
    del given["network.gateway"]
    outcome = _boot(host, given)
    wanted = ["network.gateway", "node.timezone"]
    assert _told(outcome)[0] == wanted
    assert outcome.fallbacks[0].as_json() == {"category": "network", "took": "DHCP"}
    assert store.load(host.files).own.network == Network()
    # The form is filled with the rest of what it costs.
    assert set(refused.load(host.files).asked) >= {"network.address", "network.dns"}


def test_of_two_names_for_one_setting_neither_is_guessed_at(host: Host) -> None:
    outcome = _boot(host, {"guestinfo.hostname": "n1", "node.name": _LOST, "node.timezone": "UTC"})
    assert _told(outcome)[0] == ["node.name"]
    assert store.load(host.files).own.node.name is None


def test_what_is_not_ours_is_not_told(host: Host) -> None:
    outcome = _boot(host, {"node.name": "n1", "user-data": _AMBIGUOUS, "foreign.key": _LOST})
    assert outcome.faults == ()
    assert store.load(host.files).own.node.name == "n1"


def test_of_changed_properties_it_costs_the_category_too(machine: Machine) -> None:
    _ = machine.boot(ALLOWED)
    before = machine.own
    outcome = machine.boot({**ALLOWED, "network.address": "192.0.2.11", "network.gateway": _LOST})
    assert [fault.setting for fault in outcome.faults] == ["network.gateway"]
    assert machine.own == before
    assert [row[0] for row in machine.changed] == ["network.address"]
    outcome = machine.boot({**ALLOWED, "node.name": "n2", "network.gateway": _LOST})
    assert outcome.faults == ()
    assert machine.own.node.name == "n2"
    assert any(said.startswith("network.gateway: ") for said in machine.status["notices"])
