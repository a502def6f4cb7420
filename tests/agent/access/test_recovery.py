"""Recovery by the boot menu: known by the kernel's command line, told until somebody saw it."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.access import recovery
from agent.status import merge
from agent.system.files import Files
from tests.fakes.clock import FakeClock


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)


@pytest.mark.parametrize(
    ("line", "is_booted"),
    [
        ("BOOT_IMAGE=/vmlinuz root=/dev/sda1 ro quiet bandstand.recovery\n", True),
        ("bandstand.recovery console=tty0", True),
        ("quiet bandstand.recovery=0", False),
        ("quiet xbandstand.recovery", False),
        ("", False),
    ],
)
def test_it_is_a_word_of_its_own(files: Files, line: str, is_booted: bool) -> None:
    _ = files.write("/proc/cmdline", line)
    assert recovery.is_booted(files) is is_booted


def test_its_use_is_told_over_boots_until_it_was_seen(files: Files) -> None:
    clock = FakeClock()
    recovery.note(files, clock, "network-set")
    clock.pass_s(60)
    recovery.note(files, clock, "node-set")
    recovery.note(files, clock, "network-set")
    told = {"at": "2026-01-02T03:05:05Z", "verbs": ["network-set", "node-set"]}
    assert merge.read(files)["recovery"] == told

    _ = files.remove("/run/bandstand")
    assert "recovery" not in merge.read(files)
    recovery.tell(files)
    assert merge.read(files)["recovery"] == told

    assert recovery.seen(files)
    assert "recovery" not in merge.read(files)
    assert recovery.used(files) is None
    assert not recovery.seen(files)


def test_a_torn_record_still_says_that_it_was_used(files: Files) -> None:
    _ = files.write(recovery.FILE, "{")
    assert recovery.used(files) == recovery.Used("", ())
