"""Of what was refused the texts are kept for the forms, and never a secret."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.accepted import asked, refused
from agent.accepted.reapply import set_right
from agent.accepted.refused import Refused
from agent.errors import Fault
from agent.settings.accept import accept
from agent.settings.declaration import CORE
from agent.settings.gather import gather
from agent.system.files import Files

NETWORK = {"network.address": "192.0.2.10/24", "network.gateway": "203.0.113.1"}


def _of(**answers: str) -> dict[str, str]:
    """Of raw answers with `__` for the dot."""
    raw = {key.replace("__", "."): text for key, text in answers.items()}
    return asked.of(gather(raw, CORE, strict=False).given, accept(raw).faults)


def test_a_refused_category_is_kept_whole_and_of_node_the_faulty_fields() -> None:
    raw = {**NETWORK, "network.dns": "none", "node.timezone": "Berlin", "node.name": "n1"}
    found = asked.of(gather(raw, CORE, strict=False).given, accept(raw).faults)
    assert found == {**NETWORK, "network.dns": "none", "node.timezone": "Berlin"}


def test_an_alias_is_kept_by_the_key_of_its_setting() -> None:
    raw = {"guestinfo.ipaddress": "192.0.2.300"}
    assert asked.of(gather(raw, CORE, strict=False).given, accept(raw).faults) == {
        "network.address": "192.0.2.300"
    }


def test_what_is_beside_the_card_costs_itself_alone() -> None:
    assert _of(network__ntp="a b_c!", network__dns="192.0.2.53") == {"network.ntp": "a b_c!"}


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("node.admin_password", "horse\x00"),
        ("tls.key", "-----BEGIN PRIVATE KEY-----\nhorse"),
        ("tls.certificate", "-----BEGIN PRIVATE KEY-----\nhorse"),
        ("node.syslog", "tcp://u:horse@logs:port"),
        ("network.http_proxy", "ftp://u:horse@proxy:3128"),
    ],
)
def test_no_secret_is_kept(key: str, text: str) -> None:
    raw = {key: text}
    assert accept(raw).faults
    found = asked.of(gather(raw, CORE, strict=False).given, accept(raw).faults)
    assert "horse" not in str(found)


def test_credentials_are_concealed_and_the_rest_is_kept() -> None:
    assert _of(network__http_proxy="ftp://u:horse@proxy:3128") == {
        "network.http_proxy": "ftp://********@proxy:3128"
    }


def test_a_text_that_is_too_long_is_left_out_whole() -> None:
    assert _of(node__ssh_keys="x" * 20_000, node__timezone="Berlin") == {"node.timezone": "Berlin"}
    many = {f"network.k{number}": "x" * 16_000 for number in range(9)}
    row = CORE.rows[0]
    given = {
        key: gather({row.key: text}, CORE, strict=False).given[row.key]
        for key, text in many.items()
    }
    kept = asked.of(given, (Fault("network", "is wrong"),))
    assert 0 < sum(map(len, kept.values())) <= 65_536


def test_it_stands_in_the_file_and_older_files_are_read(tmp_path: Path) -> None:
    files = Files(tmp_path)
    told = Refused((Fault("node.timezone", "is none"),), {}, "guestinfo", {"node.timezone": "X"})
    assert refused.save(files, told)
    assert refused.load(files) == told
    _ = refused.save(files, told._replace(asked={}))
    assert "asked" not in (files.read(refused.FILE) or "")
    assert refused.load(files).asked == {}


def test_once_set_right_faults_fallbacks_and_texts_go() -> None:
    zone, card = Fault("node.timezone", "is none"), Fault("network.gateway", "is beyond")
    took = {"network": "DHCP", "node": "what blank means"}
    told = Refused((zone, card), took, "guestinfo", {**NETWORK, "node.timezone": "Berlin"})
    left = set_right(told, frozenset({"network.address"}))
    assert left == Refused(
        (zone,), {"node": took["node"]}, "guestinfo", {"node.timezone": "Berlin"}
    )
    assert set_right(told, frozenset({"network.ntp"})) == told
    assert set_right(left, frozenset({"node.timezone"})) == Refused(source="guestinfo")
