"""The verb publish, with a vmtoolsd that remembers what it was told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agent.apply.publish import MEMORY, publish
from agent.errors import CommandFailed
from agent.status.merge import STATUS
from agent.system.files import Files
from agent.system.host import Host
from tests.agent.commands.test_status import READY
from tests.fakes.clock import FakeClock
from tests.fakes.run import Call, FakeRun

PREFIX = "info-set guestinfo.bandstand."


class Vsphere(FakeRun):
    """Keeps the keys that the guest set."""

    def __init__(self) -> None:
        super().__init__()
        self.keys: dict[str, str] = {}
        self.on("vmtoolsd", "--cmd", effect=self._set)

    def _set(self, call: Call) -> None:
        verb, key, text = call.argv[2].split(" ", 2)
        assert verb == "info-set"
        self.keys[key] = text

    @property
    def told(self) -> list[str]:
        return [call.argv[2].removeprefix(PREFIX).partition(" ")[0] for call in self.calls]


@pytest.fixture
def vsphere() -> Vsphere:
    return Vsphere()


@pytest.fixture
def host(tmp_path: Path, vsphere: Vsphere) -> Host:
    files = Files(tmp_path)
    _ = files.write("/sys/bus/pci/devices/0000:00:0f.0/vendor", "0x15ad\n")
    _ = files.write(STATUS, json.dumps(READY))
    return Host(files=files, run=vsphere, clock=FakeClock())


def tell(host: Host, **changes: object) -> None:
    _ = host.files.write(STATUS, json.dumps({**READY, **changes}))


def test_all_keys_are_set_and_updated_comes_last(host: Host, vsphere: Vsphere) -> None:
    assert publish(host) == {"told": True, "because": ""}
    names = ("state", "phase", "fault", "address", "url", "fingerprint", "cluster", "updated")
    assert vsphere.told == list(names)
    assert vsphere.keys["guestinfo.bandstand.url"] == "https://192.0.2.21/cluster"
    assert vsphere.keys["guestinfo.bandstand.updated"] == "2026-01-02T03:04:05Z"
    assert {call.argv[:2] for call in vsphere.calls} == {("vmtoolsd", "--cmd")}


def test_the_same_again_starts_nothing(host: Host, vsphere: Vsphere) -> None:
    _ = publish(host)
    vsphere.calls.clear()
    assert publish(host) == {"told": True, "because": ""}
    assert vsphere.calls == []


def test_only_what_changed_is_written(host: Host, vsphere: Vsphere) -> None:
    _ = publish(host)
    vsphere.calls.clear()
    tell(host, state="degraded")
    _ = publish(host)
    assert vsphere.told == ["state", "updated"]


def test_a_refusal_is_remembered_and_not_tried_again_for_an_hour(
    host: Host, vsphere: Vsphere
) -> None:
    vsphere.on("vmtoolsd", "--cmd", returncode=1, stderr="Permission denied\n")
    refused = {"told": False, "because": "Permission denied"}
    assert publish(host) == refused
    assert len(vsphere.calls) == 1
    tell(host, state="degraded")
    host.clock.pause(3599)
    assert publish(host) == refused
    assert len(vsphere.calls) == 1

    host.clock.pause(2)
    vsphere.on("vmtoolsd", "--cmd")
    assert publish(host) == {"told": True, "because": ""}
    assert len(vsphere.calls) == 9


def test_what_was_told_before_a_refusal_is_not_told_twice(host: Host, vsphere: Vsphere) -> None:
    vsphere.on("vmtoolsd", "--cmd", f"{PREFIX}fault none", returncode=1)
    assert publish(host)["told"] is False
    assert vsphere.told == ["state", "phase", "fault"]
    host.clock.pause(3601)
    vsphere.calls.clear()
    vsphere.on("vmtoolsd", "--cmd", f"{PREFIX}fault none")
    assert publish(host)["told"] is True
    assert vsphere.told == ["fault", "address", "url", "fingerprint", "cluster", "updated"]


def test_a_tool_that_hangs_or_is_missing_is_a_refusal(host: Host, vsphere: Vsphere) -> None:
    def hangs(_: Call) -> None:
        raise CommandFailed("vmtoolsd did not finish within 10 seconds")

    vsphere.on("vmtoolsd", "--cmd", effect=hangs)
    assert publish(host)["because"] == "vmtoolsd did not finish within 10 seconds"
    assert publish(host)["told"] is False
    assert len(vsphere.calls) == 1


def test_without_a_device_of_vmware_nothing_is_started(host: Host, vsphere: Vsphere) -> None:
    _ = host.files.remove("/sys/bus/pci/devices")
    assert publish(host)["told"] is False
    assert vsphere.calls == []
    assert not host.files.exists(MEMORY)


@pytest.mark.parametrize("torn", ["", "{", "[]", '{"told": 7, "refused": 1, "again_s": "x"}'])
def test_a_torn_memory_counts_as_none(host: Host, vsphere: Vsphere, torn: str) -> None:
    _ = host.files.write(MEMORY, torn)
    assert publish(host)["told"] is True
    assert len(vsphere.calls) == 8
