"""The machine restarts or goes off a moment after the answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.apply.power import power
from agent.errors import UsageError
from agent.system.files import Files
from agent.system.host import Host
from tests.fakes.run import FakeRun


@pytest.mark.parametrize(("act", "verb"), [("restart", "reboot"), ("off", "poweroff")])
def test_systemd_does_it_by_itself_in_a_moment(tmp_path: Path, act: str, verb: str) -> None:
    run = FakeRun()
    assert power(Host(Files(tmp_path), run), {"act": act}) == {"act": act}
    (call,) = run.calls
    assert call.argv[0] == "systemd-run"
    assert "--on-active=1" in call.argv
    assert call.argv[-2:] == ("systemctl", verb)


@pytest.mark.parametrize("act", [None, "", "reboot", "off; reboot", 7, ["off"]])
def test_nothing_else_is_done(tmp_path: Path, act: object) -> None:
    run = FakeRun()
    with pytest.raises(UsageError):
        _ = power(Host(Files(tmp_path), run), {"act": act})
    assert run.calls == []
