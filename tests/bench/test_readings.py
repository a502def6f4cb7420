"""What is read off a machine: units, a guest's report, profiles, the kernel's messages."""

from __future__ import annotations

import socket
import struct
from pathlib import Path

import pytest

from tests.bench.boots import cpu_ms
from tests.bench.chroot import executed, total
from tests.bench.guests import Count, counted
from tests.bench.netwatch import wanted
from tests.lab.call import LabError

ADDRESS, GATEWAY = socket.inet_aton("10.77.0.21"), socket.inet_aton("10.77.0.1")


def test_units_add_up_and_one_without_figure_counts_nothing() -> None:
    told = (
        "CPUUsageNSec=2000000\nId=a.service\n\nCPUUsageNSec=[not set]\nId=b\n\nCPUUsageNSec=500000"
    )
    assert cpu_ms(told) == 2.5


def test_a_guest_tells_of_its_job_and_its_boot() -> None:
    said = (
        "running\nBENCH-UPTIME 20.50 500 125\nId=a.service\nCPUUsageNSec=900000000\n\n"
        "Id=b.service\nCPUUsageNSec=7000000\nBENCH-END\n"
    )
    assert counted(said, ("a.service",)) == Count(job=900, boot=14250)
    assert counted(said, ()).job == 0


def test_a_guest_that_tells_nothing_has_no_count() -> None:
    with pytest.raises(LabError, match="told nothing"):
        counted("BENCH-END", ())


def test_a_profile_tells_its_total() -> None:
    assert total("summary: 5\nfn=(1)\nsummary: 6\n\ntotals: 11\n") == 11
    assert total("torn") == 0


def test_a_fork_that_executes_nothing_is_left_out(tmp_path: Path) -> None:
    for name, log in (("7", "For interactive control, run"), ("8", "Events : Ir")):
        (tmp_path / f"{name}.log").write_text(log)
        (tmp_path / f"{name}.out").write_text("")
    assert executed(tmp_path) == [tmp_path / "7.out"]


def _message(kind: int, head: bytes, attribute: int, value: bytes) -> bytes:
    body = head + struct.pack("=HH", 4 + len(value), attribute) + value
    return struct.pack("=IHHII", 16 + len(body), kind, 0, 0, 0) + body


_NEW_ADDRESS = _message(20, bytes(8), 2, ADDRESS)
_DEFAULT = _message(24, bytes(12), 5, GATEWAY)


def test_address_and_default_route_are_seen() -> None:
    assert list(wanted(_NEW_ADDRESS + _DEFAULT, ADDRESS, GATEWAY)) == [20, 24]


@pytest.mark.parametrize(
    "message",
    [
        _message(20, bytes(8), 2, GATEWAY),
        _message(21, bytes(8), 2, ADDRESS),
        _message(24, b"\x02\x18" + bytes(10), 5, GATEWAY),
        _message(24, bytes(12), 5, ADDRESS),
        b"torn",
    ],
    ids=["another address", "an address that goes", "no default", "another gateway", "torn"],
)
def test_anything_else_is_not(message: bytes) -> None:
    assert not list(wanted(message, ADDRESS, GATEWAY))
