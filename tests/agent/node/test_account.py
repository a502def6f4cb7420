"""The administrator's account is forgotten whole, and nothing else goes with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.node.account import forget
from agent.system.files import Files
from agent.system.host import Host
from tests.fakes.run import FakeRun

PASSWD = "root:x:0:0::/root:/bin/sh\nadmin:x:1000:1000::{}:/bin/bash\n"


@pytest.fixture
def run() -> FakeRun:
    return FakeRun()


@pytest.fixture
def host(tmp_path: Path, run: FakeRun) -> Host:
    host = Host(Files(tmp_path), run)
    for name in ("/home/admin/.ssh/authorized_keys", "/home/other/x", "/home/boss/x", "/srv/x"):
        _ = host.files.write(name, "")
    _ = host.files.write("/etc/shadow-", "admin:$6$x")
    _ = host.files.write("/etc/passwd.lock", "4711\0")
    return host


def _left(host: Host) -> list[str]:
    names = ("/home/admin", "/home/other", "/home/boss", "/srv", "/etc/shadow-", "/etc/passwd.lock")
    return [name for name in names if host.files.exists(name)]


def test_its_home_goes_and_the_copies_of_its_hash(host: Host, run: FakeRun) -> None:
    _ = host.files.write("/etc/passwd", PASSWD.format("/home/admin"))
    forget(host)
    assert _left(host) == ["/home/other", "/home/boss", "/srv"]
    assert [call.argv for call in run.calls] == [("userdel", "--force", "admin")]


def test_a_home_that_somebody_moved_goes_too(host: Host) -> None:
    _ = host.files.write("/etc/passwd", PASSWD.format("/home/boss"))
    forget(host)
    assert _left(host) == ["/home/admin", "/home/other", "/srv"]


@pytest.mark.parametrize("home", ["/", "/srv", ""])
def test_what_is_no_home_stays(host: Host, home: str) -> None:
    _ = host.files.write("/etc/passwd", PASSWD.format(home))
    forget(host)
    assert _left(host) == ["/home/other", "/home/boss", "/srv"]


def test_without_the_account_what_it_left_goes(host: Host, run: FakeRun) -> None:
    _ = host.files.write("/etc/passwd", PASSWD.partition("admin")[0])
    forget(host)
    assert _left(host) == ["/home/other", "/home/boss", "/srv"]
    assert run.calls == []
