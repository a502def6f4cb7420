from __future__ import annotations

import dataclasses
from pathlib import Path
from xml.etree.ElementTree import Element, fromstring, tostring

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from agent.errors import InputRefused
from agent.settings.declaration import CORE
from agent.settings.declare import Row
from packer.ova.describe import TEXT_LIMIT, Disk, Product, describe, description_of
from packer.ova.profile import WIDE
from tests.packer.ova.declared import ADDRESS, BOOLEAN, JOIN, ROWS, SSH, SWITCH, TEXT
from tests.packer.ova.small import PRODUCT

SCHEMA = Path(__file__).parents[2] / "fixtures" / "ovf-schema"
OVF = "{http://schemas.dmtf.org/ovf/envelope/1}"
VMW = "{http://www.vmware.com/schema/ovf}"
RASD = "{http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData}"
DISK = Disk(
    file_name="a-disk1.vmdk",
    file_bytes=1024,
    capacity_bytes=WIDE.disk_bytes,
    populated_bytes=65536,
)
XML_TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1)
WORDS = XML_TEXT.filter(lambda text: text.strip() and "\ufffe" not in text and "\uffff" not in text)


def described(rows: tuple[Row, ...] = ROWS, product: Product = PRODUCT) -> Element:
    text = describe(product=product, profile=WIDE, rows=rows, disk=DISK)
    return fromstring(text.encode())


def validated(schema: etree.XMLSchema, root: Element) -> bool:
    return schema.validate(etree.fromstring(tostring(root)))


@pytest.fixture(scope="module")
def schema(tmp_path_factory: pytest.TempPathFactory) -> etree.XMLSchema:
    """The schema, its absolute imports turned to the files beside it."""
    folder = tmp_path_factory.mktemp("schema")
    for file in SCHEMA.glob("*.xsd"):
        text = file.read_text(encoding="utf-8")
        text = text.replace("http://schemas.dmtf.org/wbem/wscim/1/common.xsd", "common.xsd")
        (folder / file.name).write_text(text, encoding="utf-8")
    parser = etree.XMLParser(no_network=True)
    return etree.XMLSchema(etree.parse(str(folder / "dsp8023_1.1.1.xsd"), parser))


def properties(root: Element) -> dict[str, Element]:
    return {
        f"{section.get(f'{OVF}class')}.{found.get(f'{OVF}key')}": found
        for section in root.iter(f"{OVF}ProductSection")
        for found in section.iter(f"{OVF}Property")
    }


@pytest.mark.parametrize("rows", [ROWS, CORE.rows], ids=["small", "core"])
def test_the_standards_schema_takes_it(schema: etree.XMLSchema, rows: tuple[Row, ...]) -> None:
    assert validated(schema, described(rows)), schema.error_log


def test_the_schema_is_read_for_what_it_is(schema: etree.XMLSchema) -> None:
    root = described()
    hardware = root.find(f"{OVF}VirtualSystem/{OVF}VirtualHardwareSection")
    assert hardware is not None
    item = hardware.find(f"{OVF}Item")
    assert item is not None
    item.append(item[0])
    assert not validated(schema, root)


def test_every_declared_setting_is_a_property() -> None:
    assert list(properties(described(CORE.rows))) == [row.key for row in CORE.rows]


def test_text_is_blank_and_a_switch_is_true_or_false() -> None:
    found = properties(described())
    typed = {
        key: (one.get(f"{OVF}type"), one.get(f"{OVF}value"), one.get(f"{OVF}userConfigurable"))
        for key, one in found.items()
    }
    assert typed[ADDRESS.key] == ("string", "", "true")
    assert typed[SSH.key] == ("string", "", "true")
    assert typed[SWITCH.key] == ("boolean", "True", "true")
    off = SWITCH._replace(default=False)
    assert properties(described((off,)))[SWITCH.key].get(f"{OVF}value") == "False"


def test_secrets_are_marked_and_nothing_else_is() -> None:
    marked = {
        key for key, one in properties(described()).items() if one.get(f"{OVF}password") == "true"
    }
    assert marked == {"tls.key", "cluster.join"}


def test_no_property_constrains_what_a_client_takes() -> None:
    for one in properties(described(CORE.rows)).values():
        assert one.get(f"{OVF}qualifiers") is None
        assert one.get(f"{OVF}type") in ("string", "boolean")


def test_what_clients_are_given_is_what_they_cannot_refuse() -> None:
    """Each further attribute or element is one that some client checks before power-on."""
    known = {"key", "type", "password", "userConfigurable", "value"}
    root = described(CORE.rows)
    for one in properties(root).values():
        assert set(one.attrib) <= {f"{OVF}{name}" for name in known}
        assert [child.tag for child in one] == [f"{OVF}Label", f"{OVF}Description"]
        assert one.get(f"{OVF}value") in ("", "True", "False")
    classed = [one for one in root.iter(f"{OVF}ProductSection") if one.get(f"{OVF}class")]
    assert {one.get(f"{OVF}required") for one in classed} == {"false"}
    assert [one.get(f"{OVF}class") for one in classed] == list(CORE.categories)


def test_what_clients_show_follows_from_the_declaration() -> None:
    found = properties(described(CORE.rows))
    for row in CORE.rows:
        one = found[row.key]
        description = one.findtext(f"{OVF}Description") or ""
        assert one.findtext(f"{OVF}Label") == row.label
        assert description.startswith(row.help)
        assert len(description) <= TEXT_LIMIT
        assert (one.get(f"{OVF}password") == "true") is row.is_secret, row.key


def test_categories_are_numbered_in_order() -> None:
    titles = [one.text for one in described().iter(f"{OVF}Category")]
    assert titles == ["1. Network", "2. Node", "3. TLS", "4. Cluster"]


def test_descriptions_say_what_blank_means_as_far_as_clients_take_them() -> None:
    assert description_of(ADDRESS) == "Where it is. Blank: DHCP. Example: 192.0.2.1/24"
    full = ADDRESS._replace(help="x" * (TEXT_LIMIT - 13))
    assert description_of(full) == f"{full.help} Blank: DHCP."
    for row in CORE.rows:
        assert len(description_of(row)) <= TEXT_LIMIT


def test_the_machine_is_that_of_the_wide_profile() -> None:
    root = described()
    items = {one.findtext(f"{RASD}ResourceType"): one for one in root.iter(f"{OVF}Item")}
    assert items["3"].findtext(f"{RASD}VirtualQuantity") == "4"
    assert items["4"].findtext(f"{RASD}VirtualQuantity") == "8192"
    assert items["6"].findtext(f"{RASD}ResourceSubType") == "lsilogic"
    assert items["10"].findtext(f"{RASD}ResourceSubType") == "E1000"
    slot = items["10"][-1]
    assert (slot.tag, slot.get(f"{VMW}key")) == (f"{VMW}Config", "slotInfo.pciSlotNumber")
    assert (slot.get(f"{VMW}value"), slot.get(f"{OVF}required")) == ("32", "false")
    assert items["15"].get(f"{OVF}required") == "false"
    disk = root.find(f"{OVF}DiskSection/{OVF}Disk")
    assert disk is not None
    assert disk.get(f"{OVF}capacity") == str(80 * 1024**3)
    assert disk.get(f"{OVF}capacityAllocationUnits") == "byte"


def test_nothing_in_it_warns_or_is_required_of_older_hosts() -> None:
    root = described()
    assert not list(root.iter(f"{VMW}ExtraConfig"))
    assert {one.get(f"{OVF}required") for one in root.iter(f"{VMW}Config")} == {"false"}


@settings(deadline=None)
@given(label=WORDS, help=WORDS, example=WORDS)
def test_any_words_reach_the_reader_unchanged(label: str, help: str, example: str) -> None:
    row = ADDRESS._replace(label=label, help=help, example=example)
    found = properties(described((row,)))[row.key]
    assert found.findtext(f"{OVF}Label") == label
    assert found.findtext(f"{OVF}Description") == description_of(row)


@settings(deadline=None)
@given(name=st.text(st.sampled_from("<>&\"'\t\n\r ä€😀a{}%"), min_size=1).filter(str.strip))
def test_any_name_survives_as_an_attribute(name: str) -> None:
    root = described(product=dataclasses.replace(PRODUCT, name=name))
    system = root.find(f"{OVF}VirtualSystem")
    assert system is not None
    assert system.get(f"{OVF}id") == name


def test_all_faults_of_a_declaration_at_once() -> None:
    rows = (
        ADDRESS._replace(key="network.a.b"),
        ADDRESS._replace(key="bare"),
        SSH._replace(label=" "),
        JOIN._replace(help="x" * 256),
        JOIN._replace(key="cluster.name", label="a\x07b"),
        Row("cluster.name", TEXT, "Twice", "Twice.", ""),
        Row("node.late", BOOLEAN, "Late", "Late.", ""),
    )
    with pytest.raises(InputRefused) as refused:
        described(rows)
    said = {(fault.setting, fault.message.partition(":")[0]) for fault in refused.value.faults}
    assert said == {
        ("network.a.b", "the name 'network.a.b' is no property's"),
        ("bare", "the name 'bare' is no property's"),
        ("node.ssh", "its label is empty, so a client would show nothing"),
        ("cluster.join", "its help has 256 characters, 255 at most"),
        ("cluster.name", "its label has a control character, which XML cannot carry"),
        ("cluster.name", "is declared twice; a client would drop the second one"),
        ("node", "its settings are not declared together, so its class would come twice"),
    }


def test_a_product_without_a_version_is_refused() -> None:
    with pytest.raises(InputRefused, match="version: is empty"):
        described(product=dataclasses.replace(PRODUCT, version=""))
