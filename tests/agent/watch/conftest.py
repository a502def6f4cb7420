"""A static node that is watched."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.network.state import NETWORK_FILE
from agent.system.files import Files
from agent.system.host import Host
from tests.agent.watch.machine import RESOLVED, FakeNetwork, StillClock, Web
from tests.fakes.run import FakeRun


@pytest.fixture
def network() -> Iterator[FakeNetwork]:
    made = FakeNetwork()
    yield made
    made.close()


@pytest.fixture
def web() -> Web:
    return Web()


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture
def host(tmp_path: Path, clock: StillClock) -> Host:
    host = Host(files=Files(tmp_path), run=FakeRun(), clock=clock)
    host.files.write("/etc/hostname", "node-1\n")
    host.files.write(NETWORK_FILE, "[Network]\nDHCP=no\nAddress=192.0.2.21/24\n")
    host.files.write(RESOLVED, "# x\nnameserver 192.0.2.53\nnameserver 192.0.2.54\nsearch .\n")
    return host
