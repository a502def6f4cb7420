"""Entries of the journal, read from a socket as journald would."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from agent.change import Fallback, Outcome
from agent.errors import Fault
from agent.status import entries
from agent.status.model import Phase
from agent.steps.journal import Entry
from agent.steps.step import StepState
from agent.system import journald
from agent.system.files import Files
from agent.system.host import Host
from agent.system.journald import Priority
from firstboot.report import Report

pytestmark = pytest.mark.outside

GATEWAY = Fault("network.gateway", "192.0.2.1 is far away", "Give one on the link.", "off-link")


class Journald:
    """Its socket, and the entries that came by it."""

    def __init__(self, files: Files) -> None:
        path = files.path("/run/systemd/journal/socket")
        path.parent.mkdir(parents=True)
        self._line = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._line.bind(str(path))
        self._line.setblocking(False)

    def entries(self) -> list[dict[str, str]]:
        found: list[dict[str, str]] = []
        while True:
            try:
                found.append(_fields(self._line.recv(1 << 17)))
            except BlockingIOError:
                return found

    def close(self) -> None:
        self._line.close()


def _fields(data: bytes) -> dict[str, str]:
    """As systemd's page of the native protocol has it."""
    found: dict[str, str] = {}
    while data:
        head, _, data = data.partition(b"\n")
        name, is_short, value = head.partition(b"=")
        if not is_short:
            length = int.from_bytes(data[:8], "little")
            value, end, data = (
                data[8 : 8 + length],
                data[8 + length : 9 + length],
                data[9 + length :],
            )
            assert end == b"\n"
        found[name.decode()] = value.decode()
    return found


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Files:
    # The path of a socket is short; pytest's folders are not.
    monkeypatch.chdir(tmp_path)
    return Files(Path())


@pytest.fixture
def there(files: Files) -> Iterator[Journald]:
    found = Journald(files)
    yield found
    found.close()


def test_a_fault_has_its_fields(files: Files, there: Journald) -> None:
    entries.fault(files, GATEWAY, phase=Phase.NETWORK)
    (found,) = there.entries()
    assert found == {
        "MESSAGE": "network.gateway: 192.0.2.1 is far away",
        "PRIORITY": "4",
        "SYSLOG_IDENTIFIER": "bandstand",
        "MESSAGE_ID": entries.FAULT,
        "BANDSTAND_PHASE": "network",
        "BANDSTAND_SETTING": "network.gateway",
        "BANDSTAND_CODE": "off-link",
        "BANDSTAND_HINT": "Give one on the link.",
    }


KINDS: dict[str, Callable[[Files], None]] = {
    entries.FAULT: lambda files: entries.fault(files, GATEWAY),
    entries.OVER: lambda files: entries.over(files, GATEWAY),
    entries.FALLBACK: lambda files: entries.fallback(files, "network", "DHCP"),
    entries.STEP: lambda files: entries.step(files, "tls.pair", "failed", seconds=1.5),
    entries.STATE: lambda files: entries.state(
        files, "ready", phase="ready", faults=0, source="guestinfo"
    ),
}


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_has_an_id_of_its_own(files: Files, there: Journald, kind: str) -> None:
    KINDS[kind](files)
    (found,) = there.entries()
    assert found["MESSAGE_ID"] == kind
    assert len(kind) == 32
    assert "" not in found.values()


@pytest.mark.parametrize("text", ["one\ntwo", "ends\n", "a=b\nPRIORITY=0", "ü€\0", "x" * 100_000])
def test_no_text_becomes_a_field_or_gets_lost(files: Files, there: Journald, text: str) -> None:
    assert journald.send(
        files,
        text,
        priority=Priority.INFO,
        message_id=entries.FAULT,
        fields={"BANDSTAND_CODE": "x"},
    )
    (found,) = there.entries()
    assert found["MESSAGE"] == text[:8_000]
    assert (found["PRIORITY"], found["BANDSTAND_CODE"]) == ("6", "x")


def test_without_a_journal_the_words_go_to_standard_error(
    files: Files, capsys: pytest.CaptureFixture[str]
) -> None:
    entries.fault(files, GATEWAY)
    assert capsys.readouterr().err == "network.gateway: 192.0.2.1 is far away\n"


def test_a_good_first_boot_leaves_the_telling_to_the_agent(files: Files, there: Journald) -> None:
    report = Report(Host(files=files))
    report.enter(Phase.READING)
    report.step(Entry("network.link", StepState.RUNNING))
    report.step(Entry("network.link", StepState.DONE, seconds=0.2))
    report.end(Outcome())
    assert there.entries() == []


def test_a_bad_first_boot_tells_what_failed_and_what_was_taken(
    files: Files, there: Journald
) -> None:
    report = Report(Host(files=files))
    report.enter(Phase.NETWORK)
    report.step(Entry("network.address", StepState.FAILED, seconds=2))
    report.end(Outcome((GATEWAY,), (Fallback("network", "DHCP"),)))
    step, fault, fallback = there.entries()
    assert (step["BANDSTAND_STEP"], step["BANDSTAND_STATE"]) == ("network.address", "failed")
    assert (step["BANDSTAND_PHASE"], step["BANDSTAND_SECONDS"]) == ("network", "2.000")
    assert fault["BANDSTAND_SETTING"] == "network.gateway"
    assert (fallback["BANDSTAND_CATEGORY"], fallback["BANDSTAND_TOOK"]) == ("network", "DHCP")


def test_a_state_tells_how_many_problems_there_are(files: Files, there: Journald) -> None:
    entries.state(files, "degraded", phase="ready", faults=2, source="guestinfo")
    (found,) = there.entries()
    assert found["MESSAGE"] == "this node is degraded, 2 problems"
    assert (found["BANDSTAND_STATE"], found["BANDSTAND_FAULTS"]) == ("degraded", "2")
    assert (found["BANDSTAND_SOURCE"], found["PRIORITY"]) == ("guestinfo", "4")


def test_the_page_names_every_kind() -> None:
    page = (Path(__file__).parents[3] / "docs/told.md").read_text()
    assert set(re.findall(r"^\| `([0-9a-f]{32})`", page, re.MULTILINE)) == set(KINDS)
