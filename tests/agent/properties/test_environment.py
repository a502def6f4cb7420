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


def _texts(document: str | bytes) -> dict[str, str]:
    found = environment.parse(document)
    assert not found.faults
    return dict(found.texts)


def _refusal(document: str | bytes) -> str:
    with pytest.raises(InputRefused) as refused:
        _ = environment.parse(document)
    (fault,) = refused.value.faults
    assert fault.setting == "ovf-environment"
    assert fault.hint
    assert len(fault.message) < 200
    return fault.message


def test_vcenter() -> None:
    found = _texts(_text("vcenter"))
    assert found["node.admin_password"] == 'p&ss <w"rd> $1%'
    assert found["cluster.join"] == ""
    assert found["network.dns"] == "192.0.2.53, 192.0.2.54"
    assert len(found) == 8
    accepted = accept(found)
    assert accepted.faults == ()
    assert accepted.settings.node.admin_password == Secret('p&ss <w"rd> $1%')


def test_a_host_client_writes_null() -> None:
    found = _texts(_text("host-client-null"))
    assert found["network.address"] == "null"
    accepted = accept(found)
    assert accepted.faults == ()
    assert not accepted.settings.network.is_static
    assert accepted.settings.node.name == "edge7"


def test_govc() -> None:
    assert _texts(_text("govc")) == {"network.mode": "dhcp", "node.name": "govc1"}


def test_vcloud_with_its_prefixes_and_siblings() -> None:
    found = _texts(_text("vcloud"))
    assert found["guestinfo.hostname"] == "web-1.example.net"
    accepted = accept(found)
    assert accepted.faults == ()
    assert str(accepted.settings.network.interface) == "198.51.100.7/24"


def test_empty() -> None:
    assert _texts(_text("empty")) == {}


def test_bytes_after_the_root_are_passed_over() -> None:
    wanted = _texts(_text("vcenter"))
    assert _texts(_text("trailing-bytes")) == wanted
    assert _texts((FIXTURES / "trailing-bytes.xml").read_bytes()) == wanted


def test_garbled() -> None:
    message = _refusal(_text("garbled"))
    assert "is not well-formed XML (line 6" in message
    assert "admin_pass" not in message


def test_values_that_were_not_escaped_are_read_as_they_were_meant() -> None:
    """As govc writes them; its source is the only one that does so."""
    found = environment.parse(_text("govc-unescaped"))
    assert found.faults == ()
    assert "were not escaped (govc does so)" in found.notices[0]
    assert found.texts == {
        "node.name": "govc1",
        "node.admin_password": 'a&b<"c-mysecret',
        "cluster.name": 'R&D "west"',
        "user-data": "#cloud-config <none>",
    }


def test_what_could_mean_two_things_costs_its_own_key() -> None:
    found = environment.parse(_text("govc-ambiguous"))
    assert [fault.setting for fault in found.faults] == ["node.admin_password", "user-data"]
    assert "can mean two things" in found.faults[0].message
    assert found.faults[0].hint
    assert "mysecret" not in repr(found.faults)
    assert found.texts["network.gateway"] == "192.0.2.1"
    assert found.texts["cluster.name"] == "R&D"
    assert "node.admin_password" not in found.texts


def _unescaped(*pairs: tuple[str, str]) -> str:
    rows = "".join(f'<Property oe:key="{key}" oe:value="{value}"/>' for key, value in pairs)
    head = _text("govc").partition("<Property oe:key")[0]
    return f"{head}{rows}</PropertySection></Environment>"


@pytest.mark.parametrize(
    "value",
    ['a<"/>b', "a<&#10;b", "a<&quot;", 'a<"/><b', "a<\x1b[2J", "a<\ufffd"],
)
def test_values_that_are_doubtful(value: str) -> None:
    found = environment.parse(_unescaped(("node.name", "n1"), ("cluster.name", value)))
    assert [fault.setting for fault in found.faults] == ["cluster.name"]
    assert found.texts == {"node.name": "n1"}


def test_a_key_given_twice_is_doubtful() -> None:
    found = environment.parse(_unescaped(("node.name", "a&b"), ("node.name", "c")))
    assert [fault.setting for fault in found.faults] == ["node.name"]
    assert found.texts == {}


@pytest.mark.parametrize(
    "document",
    [
        _unescaped(("node.name", "a&b")).replace("</PropertySection>", ""),
        _unescaped(("node.name", "a&b")).replace("</Environment>", "<Entity/></Environment>"),
        _unescaped(("node.name", "a&b")).replace("<Property oe", "<p/><Property oe"),
        _unescaped(("node name", "a&b")),
        _unescaped(("node.name", "a&b")).replace("oe:value", "ve:value"),
        _unescaped(("node.name", "a&b")).replace("<Environment", "<!DOCTYPE a><Environment"),
        "a & " + _unescaped(("node.name", "a&b")),
    ],
    ids=range(7),
)
def test_any_other_shape_is_not_guessed_at(document: str) -> None:
    with pytest.raises(InputRefused):
        _ = environment.parse(document)


def test_text_that_lost_characters_on_its_way_counts_as_none() -> None:
    found = environment.parse(_text("vcenter").replace("p&amp;ss", "p\ufffdss"))
    assert [fault.setting for fault in found.faults] == ["node.admin_password"]
    assert "lost characters" in found.faults[0].message
    assert "node.admin_password" not in found.texts
    assert found.texts["network.gateway"] == "192.0.2.1"


def test_another_encoding_than_the_document_names() -> None:
    message = _refusal((FIXTURES / "latin1.xml").read_bytes())
    assert "is not in the encoding that it names" in message
    assert "sswort" not in message


def test_entities_are_refused() -> None:
    assert "declares a document type or entities" in _refusal(_text("entities"))


def test_another_document_is_refused() -> None:
    assert "begins with <html> instead of <Environment>" in _refusal(_text("foreign"))


@pytest.mark.parametrize("document", ["no XML", "", b"<\0", "<", "\0"])
def test_what_is_no_xml(document: str | bytes) -> None:
    assert "is not well-formed XML" in _refusal(document)


def test_a_document_without_end_is_refused() -> None:
    assert "is larger than 1048576 bytes" in _refusal(b" " * (1 << 20) + b"<Environment/>")


def test_a_tower_of_elements_is_harmless() -> None:
    assert _texts("<Environment>" + "<a>" * 50_000 + "</a>" * 50_000 + "</Environment>") == {}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "iso-8859-1"])
def test_encodings_of_a_disc(encoding: str) -> None:
    name = encoding.removesuffix("-sig")
    text = _text("vcenter").replace("UTF-8", name).replace("p&amp;ss", "päss")
    assert _texts(text.encode(encoding))["node.admin_password"].startswith("päss")


@pytest.mark.parametrize("before", ["\ufeff", "\n \r\n", "\0"])
def test_what_stands_before_the_document(before: str) -> None:
    assert _texts(before + _text("govc"))["node.name"] == "govc1"


SECRET = "tr0ub4dor"
_keys = st.from_regex(r"[a-y]{1,8}\.[a-z_]{1,12}", fullmatch=True)
_plain_text = st.text(st.characters(exclude_categories=["C"]) | st.sampled_from("<>&\"'\n\t"))
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
    assert _texts(document) == properties


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


@given(st.dictionaries(_keys, _plain_text, min_size=1))
def test_every_unescaped_value_arrives_as_it_was_typed(properties: dict[str, str]) -> None:
    """Or is told to be doubtful: never another value, never another key's."""
    found = environment.parse(_unescaped(*properties.items(), ("z.z", "<&")))
    wanted = {**properties, "z.z": "<&"}
    assert found.texts.keys() | {fault.setting for fault in found.faults} == wanted.keys()
    assert all(wanted[key] == text for key, text in found.texts.items())


@given(st.text(st.sampled_from("ab <>&\"'/=;#x27"), max_size=40), st.integers(0, 400))
def test_a_secret_never_reaches_the_sentence(noise: str, place: int) -> None:
    """Wherever a document is damaged; whatever of it is read, a fault does not repeat a value."""
    whole = _text("vcenter").replace("node1.example.com", f"{SECRET}{noise}")
    broken = whole[: 400 + place] + noise + whole[400 + place :]
    try:
        told = environment.parse(broken)
    except InputRefused as refused:
        assert SECRET not in str(refused) + repr(refused.faults)
        return
    assert SECRET not in repr(told.faults) + repr(told.notices)
