"""The OVF environment in every shape that was seen, and in some that must be refused."""

from __future__ import annotations

from pathlib import Path
from xml.sax.saxutils import quoteattr

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.errors import InputRefused
from agent.properties import environment
from agent.settings.accept import accept
from agent.settings.secret import Secret

FIXTURES = Path(__file__).parents[2] / "fixtures" / "environments"


def _text(name: str) -> str:
    return (FIXTURES / f"{name}.xml").read_text(encoding="utf-8", errors="replace")


def _refusal(document: str | bytes) -> str:
    with pytest.raises(InputRefused) as refused:
        _ = environment.parse(document)
    (fault,) = refused.value.faults
    assert fault.setting == "ovf-environment"
    assert fault.hint
    return fault.message


def test_vcenter() -> None:
    found = environment.parse(_text("vcenter"))
    assert found["node.admin_password"] == 'p&ss <w"rd> $1%'
    assert found["cluster.join"] == ""
    assert found["network.dns"] == "192.0.2.53, 192.0.2.54"
    assert len(found) == 8
    accepted = accept(found)
    assert accepted.faults == ()
    assert accepted.settings.node.admin_password == Secret('p&ss <w"rd> $1%')


def test_a_host_client_writes_null() -> None:
    found = environment.parse(_text("host-client-null"))
    assert found["network.address"] == "null"
    accepted = accept(found)
    assert accepted.faults == ()
    assert not accepted.settings.network.is_static
    assert accepted.settings.node.name == "edge7"


def test_govc() -> None:
    assert environment.parse(_text("govc")) == {"network.mode": "dhcp", "node.name": "govc1"}


def test_vcloud_with_its_prefixes_and_siblings() -> None:
    found = environment.parse(_text("vcloud"))
    assert found["guestinfo.hostname"] == "web-1.example.net"
    accepted = accept(found)
    assert accepted.faults == ()
    assert str(accepted.settings.network.interface) == "198.51.100.7/24"


def test_empty() -> None:
    assert environment.parse(_text("empty")) == {}


def test_bytes_after_the_root_are_passed_over() -> None:
    wanted = environment.parse(_text("vcenter"))
    assert environment.parse(_text("trailing-bytes")) == wanted
    assert environment.parse((FIXTURES / "trailing-bytes.xml").read_bytes()) == wanted


def test_garbled() -> None:
    message = _refusal(_text("garbled"))
    assert "is not well-formed XML (line 6" in message
    assert "admin_pass" not in message


def test_values_that_were_not_escaped() -> None:
    message = _refusal(_text("govc-unescaped"))
    assert "is not well-formed XML (line 8" in message
    assert "mysecret" not in message


def test_entities_are_refused() -> None:
    assert "declares a document type or entities" in _refusal(_text("entities"))


def test_another_document_is_refused() -> None:
    assert "begins with <html> instead of <Environment>" in _refusal(_text("foreign"))


@pytest.mark.parametrize("document", ["no XML", "", b"\xff\xfe\xfa", "<", "\0"])
def test_what_is_no_xml(document: str | bytes) -> None:
    assert "is not well-formed XML" in _refusal(document)


def test_a_document_without_end_is_refused() -> None:
    assert "is larger than 1048576 bytes" in _refusal(b" " * (1 << 20) + b"<Environment/>")


def test_a_tower_of_elements_is_harmless() -> None:
    assert (
        environment.parse("<Environment>" + "<a>" * 50_000 + "</a>" * 50_000 + "</Environment>")
        == {}
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "iso-8859-1"])
def test_encodings_of_a_disc(encoding: str) -> None:
    name = encoding.removesuffix("-sig")
    text = _text("vcenter").replace("UTF-8", name).replace("p&amp;ss", "päss")
    assert environment.parse(text.encode(encoding))["node.admin_password"].startswith("päss")


@pytest.mark.parametrize("before", ["\ufeff", "\n \r\n", "\0"])
def test_what_stands_before_the_document(before: str) -> None:
    assert environment.parse(before + _text("govc"))["node.name"] == "govc1"


xml_text = st.text(st.characters(exclude_categories=["C"]) | st.sampled_from("\t\n\r"))


@given(st.dictionaries(xml_text, xml_text))
def test_every_value_arrives_as_it_was_sent(properties: dict[str, str]) -> None:
    escapes = {"\t": "&#9;", "\n": "&#10;", "\r": "&#13;"}
    rows = "".join(
        f"<Property oe:key={quoteattr(key, escapes)} oe:value={quoteattr(value, escapes)}/>"
        for key, value in properties.items()
    )
    document = (
        '<Environment xmlns="http://schemas.dmtf.org/ovf/environment/1" '
        'xmlns:oe="http://schemas.dmtf.org/ovf/environment/1" oe:id="">'
        f"<PropertySection>{rows}</PropertySection></Environment>"
    )
    assert environment.parse(document) == properties


@given(st.binary() | st.text())
def test_garbage_is_refused_and_nothing_else(document: str | bytes) -> None:
    with pytest.raises(InputRefused):
        _ = environment.parse(document)


@given(st.data())
def test_a_damaged_document_never_gives_a_wrong_key(data: st.DataObject) -> None:
    whole = _text("vcenter")
    place = data.draw(st.integers(0, len(whole)))
    try:
        found = environment.parse(whole[:place])
    except InputRefused:
        return
    assert found == environment.parse(whole)


@pytest.mark.parametrize("encoding", ["gb2312", "shift_jis", "bogus"])
def test_an_encoding_that_cannot_be_had_is_refused(encoding: str) -> None:
    document = f'<?xml version="1.0" encoding="{encoding}"?><Environment/>'.encode()
    with pytest.raises(InputRefused, match="cannot be read"):
        environment.parse(document)
