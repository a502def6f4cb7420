"""Following status.json: what is told to the journal and to vSphere, and when."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from agent.errors import Fault, NotReachable
from agent.outward import Journal, Vsphere, follow
from agent.status import fragment, merge
from agent.system.files import Files
from agent.system.host import Host
from tests.agent.commands.test_status import READY
from tests.fakes.clock import FakeClock

GATEWAY = Fault("network.gateway", "is far away")
KEY = Fault("tls.key", "is not that of the certificate")


@pytest.fixture
def host(tmp_path: Path) -> Host:
    files = Files(tmp_path)
    _ = files.write("/sys/bus/pci/devices/0000:00:0f.0/vendor", "0x15ad\n")
    return Host(files=files, clock=FakeClock())


def with_faults(*faults: Fault) -> dict[str, Any]:
    return {**READY, "faults": [fault.as_json() for fault in faults]}


class Told:
    """Stands for bandstand-apply: counts, and answers as it is told to."""

    def __init__(self, **answer: object) -> None:
        self.answer: Mapping[str, Any] = answer or {"told": True, "because": ""}
        self.times = 0
        self.is_gone = False

    def __call__(self) -> Mapping[str, Any]:
        self.times += 1
        if self.is_gone:
            raise NotReachable("nobody answers")
        return self.answer


class TestJournal:
    """Faults as they come and go; the words go to standard error where no journal is."""

    def test_each_fault_is_entered_once_and_its_end_too(
        self, host: Host, capsys: pytest.CaptureFixture[str]
    ) -> None:
        journal = Journal(host)
        for faults in ((), (KEY,), (KEY, GATEWAY), (GATEWAY,), ()):
            journal.look(with_faults(*faults))
        assert capsys.readouterr().err.splitlines() == [
            "this node is ready",
            "tls.key: is not that of the certificate",
            "network.gateway: is far away",
            "over: tls.key: is not that of the certificate",
            "over: network.gateway: is far away",
        ]

    def test_what_first_boot_entered_is_not_entered_again(
        self, host: Host, capsys: pytest.CaptureFixture[str]
    ) -> None:
        _ = fragment.put(host.files, "firstboot", with_faults(GATEWAY))
        Journal(host).look(with_faults(GATEWAY, KEY))
        assert capsys.readouterr().err.splitlines() == [
            "tls.key: is not that of the certificate",
            "this node is ready, 2 problems",
        ]

    def test_each_state_is_entered_once(
        self, host: Host, capsys: pytest.CaptureFixture[str]
    ) -> None:
        journal = Journal(host)
        for state in ("working", "working", "ready", "ready", "degraded"):
            journal.look({**READY, "state": state})
        assert capsys.readouterr().err.splitlines() == [
            f"this node is {state}" for state in ("working", "ready", "degraded")
        ]


def told_of(vsphere: Vsphere) -> None:
    asyncio.run(vsphere.tell())


def test_what_still_changes_is_not_told_yet(host: Host) -> None:
    vsphere = Vsphere(host, Told())
    for state in ("working", "waiting", "ready"):
        vsphere.look({**READY, "state": state})
        host.clock.pause(1.5)
        assert vsphere.due_s > host.clock.monotonic_s()
    host.clock.pause(0.5)
    assert vsphere.due_s == host.clock.monotonic_s()


def test_what_vsphere_is_not_told_of_starts_nothing(host: Host) -> None:
    vsphere = Vsphere(host, Told())
    vsphere.look(READY)
    told_of(vsphere)
    vsphere.look({**READY, "updated": "2027-01-01T00:00:00Z", "step": "tls.pair"})
    assert vsphere.due_s == float("inf")


@pytest.mark.parametrize(
    "answer", [{"told": True, "because": ""}, {"told": False, "because": "Permission denied"}]
)
def test_what_came_of_it_stands_in_the_status(host: Host, answer: dict[str, object]) -> None:
    vsphere = Vsphere(host, Told(**answer))
    vsphere.look(READY)
    told_of(vsphere)
    assert merge.published(host.files)["guestinfo"] == answer
    assert vsphere.due_s == float("inf")


def test_an_apply_that_is_gone_is_asked_again_later(host: Host) -> None:
    told = Told()
    told.is_gone = True
    vsphere = Vsphere(host, told)
    vsphere.look(READY)
    told_of(vsphere)
    assert vsphere.due_s == host.clock.monotonic_s() + 300


def test_without_a_device_of_vmware_nothing_is_ever_due(host: Host) -> None:
    _ = host.files.remove("/sys/bus/pci/devices")
    vsphere = Vsphere(host, Told())
    vsphere.look(READY)
    assert vsphere.due_s == float("inf")


def _follow(host: Host, told: Told, story: Callable[[], Awaitable[None]]) -> None:
    async def both() -> None:
        stop = asyncio.Event()
        following = asyncio.create_task(follow(host, stop, Journal(host), Vsphere(host, told)))
        try:
            await asyncio.wait_for(story(), 30)
        finally:
            stop.set()
            await asyncio.wait_for(following, 30)

    asyncio.run(both())


def test_a_status_that_is_replaced_is_followed_and_stop_ends_it(tmp_path: Path) -> None:
    """Real events and a real clock: each state is told once it stood still."""
    host = Host(files=Files(tmp_path))
    _ = host.files.write("/run/systemd/container", "test")
    seen: queue.Queue[str] = queue.Queue()

    class Telling(Told):
        def __call__(self) -> Mapping[str, Any]:
            said = super().__call__()
            seen.put(str(merge.published(host.files).get("state")))
            return said

    told = Telling()

    async def story() -> None:
        for state in ("ready", "degraded"):
            _ = fragment.put(host.files, "watch", {"state": state})
            _ = merge.publish(host.files)
            assert await asyncio.to_thread(seen.get, timeout=20) == state

    _follow(host, told, story)
    assert told.times == 2


def test_it_waits_for_the_first_status_and_ends_without_one(tmp_path: Path) -> None:
    async def story() -> None:
        await asyncio.sleep(0)

    told = Told()
    _follow(Host(files=Files(tmp_path)), told, story)
    assert told.times == 0


def test_a_kernel_without_watches_to_give_ends_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = threading.Event()

    def no_more(*_: object) -> None:
        refused.set()
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("agent.outward.Changes", no_more)

    async def story() -> None:
        assert await asyncio.to_thread(refused.wait, 20)

    _follow(Host(files=Files(tmp_path)), Told(), story)
