"""What the lab reads from a descriptor, and what an environment says of the same properties."""

from __future__ import annotations

import tarfile
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from tests.lab import descriptor
from tests.lab.call import LabError
from tests.lab.environment import environment

_OE = "{http://schemas.dmtf.org/ovf/environment/1}"
_OVF = """<?xml version="1.0"?>
<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1"
  xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1"
  xmlns:rasd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData"
  xmlns:vmw="http://www.vmware.com/schema/ovf">
 <References>
  <File ovf:href="other.vmdk" ovf:id="f0"/>
  <File ovf:href="d.vmdk" ovf:id="f1"/>
 </References>
 <DiskSection><Disk ovf:capacity="80" ovf:capacityAllocationUnits="byte * 2^30"
   ovf:diskId="d" ovf:fileRef="f1"/></DiskSection>
 <VirtualSystem ovf:id="v"><VirtualHardwareSection>
  <Item><rasd:ResourceType>3</rasd:ResourceType><rasd:VirtualQuantity>4</rasd:VirtualQuantity></Item>
  <Item><rasd:ResourceType>4</rasd:ResourceType><rasd:VirtualQuantity>8192</rasd:VirtualQuantity></Item>
  <Item><rasd:ResourceSubType>lsilogic</rasd:ResourceSubType><rasd:ResourceType>6</rasd:ResourceType>
   <vmw:Config vmw:key="slotInfo.pciSlotNumber" vmw:value="16"/></Item>
  <Item><rasd:ResourceSubType>E1000</rasd:ResourceSubType><rasd:ResourceType>10</rasd:ResourceType>
   <vmw:Config vmw:key="slotInfo.pciSlotNumber" vmw:value="32"/></Item>
 </VirtualHardwareSection></VirtualSystem>
</Envelope>
"""


def test_the_machine_of_a_descriptor(tmp_path: Path) -> None:
    (tmp_path / "a.ovf").write_text(_OVF)
    found = descriptor.read(tmp_path / "a.ovf")
    assert (found.cpus, found.memory_mb, found.capacity) == (4, 8192, 80 * 2**30)
    assert (found.controller, found.nic, found.slot) == ("lsilogic", "E1000", 32)
    assert (found.disk, found.cd, found.firmware) == (tmp_path / "d.vmdk", False, "bios")


def test_an_ova_begins_with_its_descriptor(tmp_path: Path) -> None:
    for name in ("a.ovf", "d.vmdk"):
        (tmp_path / name).write_text("x")
    for names in (("a.ovf", "d.vmdk"), ("d.vmdk", "a.ovf")):
        with tarfile.open(tmp_path / "a.ova", "w") as archive:
            for name in names:
                archive.add(tmp_path / name, arcname=name)
        if names[0] == "a.ovf":
            assert descriptor.unpack(tmp_path / "a.ova", tmp_path / "out").name == "a.ovf"
            continue
        with pytest.raises(LabError, match="does not begin"):
            descriptor.unpack(tmp_path / "a.ova", tmp_path / "out")


def test_an_environment_carries_any_text() -> None:
    odd = {"a.b": "x&<>\"' \n\ty", "c": "", "d": "žluť"}
    root = ET.fromstring(environment(odd, mac="00:50:56:00:00:01"))
    rows = root.iter(f"{_OE}Property")
    assert {row.get(f"{_OE}key"): row.get(f"{_OE}value") for row in rows} == odd
