"""The rules on a real kernel, loaded by the real nft."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.demands import Demands, Port, Transport
from agent.errors import CommandFailed
from agent.firewall import act
from agent.firewall.observe import observe
from agent.firewall.plan import plan, rules
from agent.firewall.state import RULES_FILE
from agent.steps.journal import Journal
from agent.steps.run import run_steps, undo_steps
from agent.steps.step import Step
from agent.system.files import Files
from agent.system.host import Host
from agent.system.run import run
from tests.fakes.namespace import own_network

pytestmark = pytest.mark.node


def _ports(*numbers: int) -> Demands:
    return Demands(tuple(Port(number, Transport.TCP, f"port {number}") for number in numbers))


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    with own_network():
        yield Host(files=Files(tmp_path))


def _apply(host: Host, wanted: Demands) -> tuple[Step, ...]:
    journal = Journal.load(host.files, "/journal")
    return run_steps(act.steps(plan(wanted, observe(host)), host), journal, host.clock)


def _loaded() -> str:
    return run("nft", "list", "ruleset").stdout


def test_the_kernel_holds_what_the_file_says(host: Host) -> None:
    _apply(host, _ports(80, 443))
    assert "tcp dport { 80, 443 } accept" in _loaded()
    assert "hook input priority filter; policy drop;" in _loaded()


def test_a_change_replaces_the_table_and_undo_brings_the_former(host: Host) -> None:
    _apply(host, _ports(80, 443))
    before = _loaded()
    done = _apply(host, _ports(22, 80, 443))
    assert "{ 22, 80, 443 }" in _loaded()
    undo_steps(done, Journal.load(host.files, "/journal"))
    assert _loaded() == before
    assert host.files.read(RULES_FILE) == rules(_ports(80, 443))


def test_rules_of_others_stay(host: Host) -> None:
    run("nft", "add", "table", "inet", "payload")
    undo_steps(_apply(host, _ports(80)), Journal.load(host.files, "/journal"))
    assert _loaded() == "table inet payload {\n}\n"


def test_rules_that_nft_refuses_leave_the_former_in_force(host: Host) -> None:
    _apply(host, _ports(80))
    before = _loaded()
    with pytest.raises(CommandFailed):
        _apply(host, Demands((Port(99999, Transport.TCP, "no port"),)))
    assert _loaded() == before
    assert host.files.read(RULES_FILE) == rules(_ports(80))
