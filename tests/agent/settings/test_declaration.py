"""The declaration: keys, aliases, and the nearest key to a misspelt one."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from agent.settings import kinds
from agent.settings.accept import Acceptance, accept
from agent.settings.declaration import CORE, SECTIONS, Settings
from agent.settings.declare import Face, section, setting


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


# What scripts for other appliances write, and cloud-init reads.
ALIASES = {
    "guestinfo.hostname": "node.name",
    "network.fqdn": "node.name",
    "guestinfo.ipaddress": "network.address",
    "network.ip0": "network.address",
    "guestinfo.netmask": "network.netmask",
    "network.netmask0": "network.netmask",
    "guestinfo.gateway": "network.gateway",
    "guestinfo.dns": "network.dns",
    "network.DNS": "network.dns",
    "guestinfo.domain": "network.domain",
    "network.searchpath": "network.search",
    "guestinfo.ntp": "network.ntp",
    "appliance.tls_cert": "tls.certificate",
    "appliance.tls_cert_key": "tls.key",
    "guestinfo.root_password": "node.admin_password",
    "appliance.root_pwd": "node.admin_password",
}
CLOUD_INITS = (
    *("hostname", "password", "user-data", "network-config"),
    *("public-keys", "instance-id", "seedfrom"),
)


def test_the_aliases_are_these_and_no_others() -> None:
    assert {alias: row.key for row in CORE.rows for alias in row.aliases} == ALIASES


@pytest.mark.parametrize("alias", ALIASES)
def test_an_alias_is_taken_and_reported(alias: str) -> None:
    """A value that is no right one is enough to see whose it is."""
    found = accept({alias: "?"})
    assert any(one.startswith(f"{alias} was taken as {ALIASES[alias]}") for one in found.notices)
    is_for_root = any("root has no password here" in one for one in found.notices)
    assert is_for_root is (ALIASES[alias] == "node.admin_password")


def test_the_bare_names_of_cloud_init_are_never_ours() -> None:
    names = {name for row in CORE.rows for name in (row.key, *row.aliases)}
    assert all("." in name for name in names)
    assert accept(dict.fromkeys(CLOUD_INITS, "x")) == Acceptance(Settings())
    strict = accept(dict.fromkeys(CLOUD_INITS, "x"), strict=True)
    assert {fault.setting for fault in strict.faults} == set(CLOUD_INITS)


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


# Who may set it, and when


def _set_by(key: str, *, is_member: bool) -> set[str]:
    row = CORE.find(key)
    assert row is not None
    return {face.value for face in Face if row.may_set(face, is_member=is_member)}


ALL = {"property", "console", "command", "portal"}


@pytest.mark.parametrize(
    ("key", "alone", "member"),
    [
        ("network.address", ALL, ALL),
        ("cluster.hostname", ALL, {"command", "portal"}),
        ("database.host", ALL, {"command", "portal"}),
        ("cluster.join", ALL, set[str]()),
        ("node.peer_address", ALL, {"command"}),
        ("node.console", ALL - {"console"}, ALL - {"console"}),
        ("node.admin_password", ALL - {"portal"}, ALL - {"portal"}),
        ("node.ssh_keys", ALL - {"portal"}, ALL - {"portal"}),
    ],
)
def test_who_may_set_it_and_when(key: str, alone: set[str], member: set[str]) -> None:
    assert _set_by(key, is_member=False) == alone
    assert _set_by(key, is_member=True) == member


def test_whatever_a_node_needs_can_be_a_property() -> None:
    assert [row.key for row in CORE.rows if not row.may_set(Face.PROPERTY, is_member=False)] == []


def test_what_a_face_may_not_set_is_a_fault_of_the_validator() -> None:
    given = {"node.console": "off", "node.ssh": "on", "node.ssh_keys": ""}
    found = accept(given, face=Face.CONSOLE)
    (fault,) = found.faults
    assert (fault.setting, fault.code) == ("node.console", "not-here")
    assert fault.message == "is not taken from the console; it is set by all but the console"
    assert (found.settings.node.console, found.settings.node.ssh) == (True, True)
    assert accept(given).faults == ()
    member = accept({"cluster.name": "x"}, is_member=True)
    assert member.faults[0].message.endswith("it is set by the command line and the portal")
    assert member.refused == {"cluster"}
