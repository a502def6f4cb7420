"""A node that nobody told anything goes on looking for an answers file."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from agent.accepted import store
from agent.accepted.store import Membership
from agent.settings.declaration import Settings
from tests.firstboot.machine import ALLOWED, Machine


class TestANodeThatNobodyToldAnything:
    """It has nothing to lose, and may have been brought an answers file meanwhile."""

    @pytest.fixture(autouse=True)
    def untold(self, machine: Machine) -> None:
        _ = machine.boot(dict.fromkeys(ALLOWED, "null"))

    def test_takes_a_file_that_came_later(self, machine: Machine) -> None:
        _file(machine, ALLOWED)
        assert not machine.boot(dict.fromkeys(ALLOWED, "null")).faults
        assert machine.applied[-1].network.is_static
        assert machine.status["source"] == "/etc/bandstand/answers.json"
        _file(machine, {"node.name": "n2"})
        assert not machine.boot(None).faults
        assert machine.own.node.name == "n1"
        assert machine.status["sources_tried"][0].endswith("from /etc/bandstand/answers.json")

    def test_says_where_it_looked(self, machine: Machine) -> None:
        assert not machine.boot(None).faults
        assert machine.status["sources_tried"] == [
            "accepted: found, from defaults",
            "guestinfo by vmtoolsd: no value",
            "medium BANDSTAND: none",
            "/etc/bandstand/answers.yaml: none",
            "/etc/bandstand/answers.json: none",
        ]

    def test_tells_what_is_wrong_with_the_file_and_looks_again(self, machine: Machine) -> None:
        _ = machine.host.files.write(_FILE, "{")
        assert [fault.setting for fault in machine.boot(None).faults] == ["answers"]
        _file(machine, {**ALLOWED, "network.gateway": "203.0.113.1"})
        outcome = machine.boot(None)
        assert [fault.setting for fault in outcome.faults] == ["network.gateway"]
        assert machine.boot(None) == outcome
        assert machine.own.node.name == "n1"

    def test_shows_an_environment_as_changed_and_takes_nothing(self, machine: Machine) -> None:
        _file(machine, ALLOWED)
        assert not machine.boot({"node.name": "n9"}).faults
        assert machine.changed == [("node.name", "n9", False)]
        assert machine.own == Settings()

    def test_is_one_no_more_once_it_was_told_at_the_console(self, machine: Machine) -> None:
        machine.at_console(name="here")
        _file(machine, ALLOWED)
        assert not machine.boot(None).faults
        assert machine.own.node.name == "here"
        assert not machine.own.network.is_static

    def test_is_one_no_more_once_it_is_in_a_cluster(self, machine: Machine) -> None:
        files = machine.host.files
        accepted = store.load(files)
        _ = store.save(files, accepted._replace(membership=Membership.MEMBER))
        _file(machine, ALLOWED)
        assert not machine.boot(None).faults
        assert machine.own == Settings()


_FILE = "/etc/bandstand/answers.json"


def _file(machine: Machine, answers: Mapping[str, str]) -> None:
    _ = machine.host.files.write(_FILE, json.dumps(answers))
