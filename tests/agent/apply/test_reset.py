"""A factory reset is asked for by the node's name, and is done by the next boot."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.accepted import store
from agent.accepted.store import Accepted, Membership
from agent.apply.reset import KEPT, reset
from agent.errors import InputRefused, NotNow, StepFailed
from agent.system.files import Files
from agent.system.host import Host
from agent.system.lock import locked
from tests.fakes.clock import FakeClock
from tests.fakes.run import FakeRun

CALLED = {"name": "n1"}


@pytest.fixture
def run() -> FakeRun:
    return FakeRun()


@pytest.fixture
def host(tmp_path: Path, run: FakeRun) -> Host:
    host = Host(Files(tmp_path), run, FakeClock())
    _ = host.files.write("/etc/hostname", "n1\n")
    _ = host.files.write("/etc/hosts", "127.0.1.1 n1.example.com n1\n")
    _ = host.files.write(store.CONFIGURED, "")
    _ = store.save(host.files, Accepted())
    return host


def _marks(host: Host) -> tuple[bool, bool]:
    return host.files.exists(store.RESET), host.files.exists(store.CONFIGURED)


@pytest.mark.parametrize("name", ["n1", " N1 ", "n1.example.com"])
def test_the_next_boot_is_asked_and_comes(host: Host, run: FakeRun, name: str) -> None:
    assert reset(host, {"name": name}, patience_s=0) == {"restarts": True, "kept": list(KEPT)}
    assert _marks(host) == (True, False)
    assert [call.argv[-2:] for call in run.calls] == [("systemctl", "reboot")]


@pytest.mark.parametrize("name", [None, "", "n2", "example.com", 7])
def test_another_name_resets_nothing(host: Host, run: FakeRun, name: object) -> None:
    with pytest.raises(InputRefused) as caught:
        _ = reset(host, {"name": name}, patience_s=0)
    assert [fault.setting for fault in caught.value.faults] == ["name"]
    assert "n1" in caught.value.faults[0].hint
    assert (_marks(host), run.calls) == ((False, True), [])


def test_a_member_is_not_reset(host: Host, run: FakeRun) -> None:
    _ = store.save(host.files, Accepted(membership=Membership.MEMBER))
    with pytest.raises(NotNow, match="member of a cluster"):
        _ = reset(host, CALLED, patience_s=0)
    assert (_marks(host), run.calls) == ((False, True), [])


def test_one_that_joins_in_vain_is(host: Host) -> None:
    _ = store.save(host.files, Accepted(membership=Membership.JOINING))
    assert reset(host, CALLED, patience_s=0)["restarts"] is True


@pytest.mark.parametrize("was_configured", [True, False])
def test_a_machine_that_cannot_restart_is_as_before(
    host: Host, run: FakeRun, was_configured: bool
) -> None:
    if not was_configured:
        _ = host.files.remove(store.CONFIGURED)
    run.on("systemd-run", returncode=1, stderr="no bus")
    with pytest.raises(StepFailed, match="as before"):
        _ = reset(host, CALLED, patience_s=0)
    assert _marks(host) == (False, was_configured)


def test_not_while_another_change_is_under_way(host: Host) -> None:
    with locked(host.files), pytest.raises(NotNow):
        _ = reset(host, CALLED, patience_s=0)
    assert _marks(host) == (False, True)
