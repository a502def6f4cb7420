"""The declaration: keys, aliases, and the nearest key to a misspelt one."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from agent.settings import kinds
from agent.settings.declaration import CORE, SECTIONS, Settings
from agent.settings.declare import section, setting


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


def test_a_section_is_a_value_with_its_defaults() -> None:
    for category, made in SECTIONS.items():
        rows = {row.name: row.default for row in CORE.of(category)}
        assert made()._asdict() == rows


class Unlabelled(NamedTuple):
    """As somebody would write it who did not read DESIGN.md."""

    labelled: int = setting(kinds.PORT, label="Port", help="A port.")
    plain: int = 7


class Required(NamedTuple):
    """The same, without a default at all."""

    needed: int


@pytest.mark.parametrize(
    ("declared", "words"),
    [
        (Unlabelled, r"Unlabelled\.plain is 7; accepted is a setting"),
        (Required, r"Required\.needed is None; accepted is a setting"),
    ],
)
def test_a_field_that_is_no_setting_is_refused(declared: type[object], words: str) -> None:
    with pytest.raises(TypeError, match=words):
        _ = section(declared)


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
