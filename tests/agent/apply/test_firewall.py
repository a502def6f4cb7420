"""The accepted rules are loaded once more, whatever the journal says of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.apply.firewall import reload
from agent.errors import CommandFailed, NotNow
from agent.firewall.state import RULES_FILE
from agent.system.files import Files
from agent.system.host import Host
from agent.system.lock import locked
from tests.fakes.clock import FakeClock
from tests.fakes.run import Call, FakeRun

LOAD, LIST = ("nft", "-f"), ("nft", "--stateless")


@pytest.fixture
def run() -> FakeRun:
    return FakeRun()


@pytest.fixture
def host(tmp_path: Path, run: FakeRun) -> Host:
    return Host(Files(tmp_path), run, FakeClock())


def _reload(host: Host) -> bool:
    return bool(reload(host, lambda _: None, patience_s=0)["changed"])


def test_they_are_loaded_though_they_were_before(host: Host, run: FakeRun) -> None:
    assert _reload(host)
    assert "dport { 80, 443" in (host.files.read(RULES_FILE) or "")
    assert not _reload(host)
    assert len(run.asked(*LOAD)) == 2


def test_what_somebody_made_of_them_in_the_kernel_is_a_change(host: Host, run: FakeRun) -> None:
    _ = _reload(host)
    run.on(*LIST, stdout="by hand")
    run.on(*LOAD, effect=lambda _: run.on(*LIST, stdout="ours"))
    assert _reload(host)


def test_only_the_firewall_is_brought_in_force(host: Host, run: FakeRun) -> None:
    _ = _reload(host)
    assert set(run.programs) == {"nft"}


def test_what_the_kernel_refuses_is_told(host: Host, run: FakeRun) -> None:
    def once(_: Call) -> None:
        run.on(*LOAD)

    run.on(*LOAD, returncode=1, stderr="Error: syntax", effect=once)
    with pytest.raises(CommandFailed, match="syntax"):
        _ = _reload(host)
    assert host.files.read(RULES_FILE) is None


def test_not_while_another_change_is_under_way(host: Host) -> None:
    with locked(host.files), pytest.raises(NotNow):
        _ = _reload(host)
