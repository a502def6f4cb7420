"""The declaration: keys, aliases, and the nearest key to a misspelt one."""

from __future__ import annotations

import pytest

from agent.settings.declaration import CORE, SECTIONS, Settings


def test_each_key_and_alias_is_there_once() -> None:
    keys = [row.key for row in CORE.rows] + [alias for row in CORE.rows for alias in row.aliases]
    assert len(set(keys)) == len(keys)
    assert CORE.categories == tuple(SECTIONS)


def test_every_row_can_be_read_by_people() -> None:
    for row in CORE.rows:
        assert row.label and row.default_text and row.kind.accepts, row.key
        assert row.help.endswith(".") and len(row.help) <= 255, row.key
        assert row.is_secret or row.example or row.kind.multiline, row.key


def test_defaults_of_rows_are_those_of_the_sections() -> None:
    for row in CORE.rows:
        assert getattr(getattr(Settings(), row.category), row.name) == row.default


@pytest.mark.parametrize(
    ("key", "wanted"),
    [
        ("network.address", "network.address"),
        ("guestinfo.ipaddress", "network.address"),
        ("network.DNS", "network.dns"),
        ("appliance.tls_cert_key", "tls.key"),
    ],
)
def test_a_key_or_its_alias_is_found(key: str, wanted: str) -> None:
    row = CORE.find(key)
    assert row is not None
    assert row.key == wanted


@pytest.mark.parametrize("key", ["hostname", "network", "network.dns2", "Network.address", ""])
def test_what_is_no_key(key: str) -> None:
    assert CORE.find(key) is None


@pytest.mark.parametrize(
    ("key", "wanted"),
    [
        ("network.addressx", "network.address"),
        ("Network.Gateway", "network.gateway"),
        ("node.hostname", None),
        ("tls.cert", "tls.certificate"),
        ("network", None),
        ("node.timezon", "node.timezone"),
        ("x", None),
    ],
)
def test_the_nearest_key(key: str, wanted: str | None) -> None:
    assert CORE.nearest(key) == wanted
