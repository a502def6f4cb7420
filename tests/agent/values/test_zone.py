"""Time zones by any spelling, as the distribution names them."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.values.zone import parse_zone, zone_names

SYSTEM = Path("/usr/share/zoneinfo")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Europe/Berlin", "Europe/Berlin"),
        (" europe/berlin ", "Europe/Berlin"),
        ("America/New York", "America/New_York"),
        ("america/argentina/buenos_aires", "America/Argentina/Buenos_Aires"),
        ("US/Eastern", "America/New_York"),
        ("Japan", "Asia/Tokyo"),
        ("utc", "Etc/UTC"),
        ("Zulu", "Etc/UTC"),
        ("Etc/GMT-1", "Etc/GMT-1"),
    ],
)
def test_spellings(text: str, wanted: str) -> None:
    assert parse_zone(text) == wanted


def test_each_name_stands_for_itself() -> None:
    names = zone_names()
    assert len(names) > 400
    assert [parse_zone(name) for name in names if name != "UTC"] == [
        name for name in names if name != "UTC"
    ]


@pytest.mark.skipif(not (SYSTEM / "Europe/Berlin").exists(), reason="no time zones installed here")
def test_the_system_has_each() -> None:
    assert [name for name in zone_names() if not (SYSTEM / name).is_file()] == []
