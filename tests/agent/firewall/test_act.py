"""Rules loaded and kept, or the former ones back."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.demands import Demands, Port, Transport
from agent.errors import CommandFailed
from agent.firewall import act
from agent.firewall.observe import observe
from agent.firewall.plan import FirewallPlan, plan, rules
from agent.firewall.state import RULES_FILE
from agent.steps.journal import Journal
from agent.steps.run import run_steps, undo_steps
from agent.steps.step import Step
from agent.system.files import Files
from agent.system.host import Host
from tests.fakes.run import Call, FakeRun

WEB = Demands((Port(443, Transport.TCP, "portal"),))
CLOSED = rules(Demands(()))
WANTS = "/etc/systemd/system/sysinit.target.wants/nftables.service"


@pytest.fixture
def run() -> FakeRun:
    return FakeRun()


@pytest.fixture
def host(tmp_path: Path, run: FakeRun) -> Host:
    made = Host(files=Files(tmp_path), run=run)
    made.files.write(RULES_FILE, CLOSED)
    return made


def _plan(host: Host) -> FirewallPlan:
    return plan(WEB, observe(host))


def _apply(host: Host) -> tuple[Step, ...]:
    journal = Journal.load(host.files, "/journal")
    return run_steps(act.steps(_plan(host), host), journal, host.clock)


def test_the_rules_are_loaded_then_kept_for_the_next_boot(host: Host, run: FakeRun) -> None:
    loaded: list[str] = []
    kept: list[str | None] = []

    def nft(call: Call) -> None:
        loaded.append(call.stdin or "")
        kept.append(host.files.read(RULES_FILE))

    run.on("nft", effect=nft)
    _apply(host)
    assert loaded == [rules(WEB)]
    assert kept == [CLOSED]
    assert host.files.read(RULES_FILE) == rules(WEB)
    assert host.files.path(WANTS).is_symlink()


def test_what_nft_refuses_changes_nothing(host: Host, run: FakeRun) -> None:
    run.on("nft", returncode=1, stderr="syntax error")
    with pytest.raises(CommandFailed, match="syntax error"):
        _apply(host)
    assert host.files.read(RULES_FILE) == CLOSED
    assert len(run.calls) == 1
    assert host.files.names("/run/bandstand") == ()


def test_undo_goes_back_to_the_former_rules(host: Host, run: FakeRun) -> None:
    undo_steps(_apply(host), Journal.load(host.files, "/journal"))
    assert host.files.read(RULES_FILE) == CLOSED
    assert run.calls[-1].argv == ("nft", "-f", "-")
    assert (run.calls[-1].stdin or "").endswith(CLOSED)


def test_undo_without_former_rules_leaves_no_table(host: Host, run: FakeRun) -> None:
    host.files.remove(RULES_FILE)
    undo_steps(_apply(host), Journal.load(host.files, "/journal"))
    assert not host.files.exists(RULES_FILE)
    assert (run.calls[-1].stdin or "").endswith("delete table inet bandstand\n")


def test_a_second_run_does_nothing(host: Host, run: FakeRun) -> None:
    _apply(host)
    run.calls.clear()
    assert _apply(host) == ()
    assert run.calls == []


def test_a_changed_file_is_mended(host: Host) -> None:
    _apply(host)
    host.files.write(RULES_FILE, "flush ruleset\n")
    _apply(host)
    assert host.files.read(RULES_FILE) == rules(WEB)
