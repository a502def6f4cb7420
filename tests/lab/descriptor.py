"""What an OVF descriptor asks of the machine, and the OVA taken apart."""

from __future__ import annotations

import tarfile
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from tests.lab.call import LabError

_OVF = "{http://schemas.dmtf.org/ovf/envelope/1}"
_RASD = "{http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData}"
_VMW = "{http://www.vmware.com/schema/ovf}"
_UNITS = {"byte": 1, "byte * 2^10": 2**10, "byte * 2^20": 2**20, "byte * 2^30": 2**30}


class Resource(StrEnum):
    """`rasd:ResourceType` of the things a guest is built from."""

    CPU = "3"
    MEMORY = "4"
    SCSI = "6"
    NIC = "10"
    CD = "15"
    DISK = "17"


@dataclass(frozen=True, kw_only=True)
class Hardware:
    """The machine of one descriptor; `slot` is the PCI slot of its network card, 0 if not said."""

    cpus: int
    memory_mb: int
    disk: Path
    capacity: int
    controller: str
    nic: str
    slot: int
    cd: bool
    firmware: str


def unpack(ova: Path, folder: Path) -> Path:
    """Take an OVA apart; the path of its descriptor, which must come first."""
    folder.mkdir(parents=True, exist_ok=True)
    with tarfile.open(ova) as archive:
        names = archive.getnames()
        # Debian 12's tarfile knows no filters yet.
        archive.extraction_filter = getattr(tarfile, "data_filter", None)
        archive.extractall(folder)
    if not names or not names[0].endswith(".ovf"):
        raise LabError(f"{ova.name} does not begin with its descriptor")
    return folder / names[0]


def read(descriptor: Path) -> Hardware:
    """The hardware that a descriptor asks for."""
    root = ET.parse(descriptor).getroot()
    items = {kind: _items(root, kind) for kind in Resource}
    disk, capacity = _disk(root, descriptor.parent)
    return Hardware(
        cpus=int(_text(items[Resource.CPU], "VirtualQuantity") or "1"),
        memory_mb=int(_text(items[Resource.MEMORY], "VirtualQuantity") or "1024"),
        disk=disk,
        capacity=capacity,
        controller=_text(items[Resource.SCSI], "ResourceSubType"),
        nic=_text(items[Resource.NIC], "ResourceSubType"),
        slot=int(_config(items[Resource.NIC], "slotInfo.pciSlotNumber") or "0"),
        cd=bool(items[Resource.CD]),
        firmware=_config([root], "firmware") or "bios",
    )


def _items(root: ET.Element, kind: Resource) -> list[ET.Element]:
    return [
        item
        for item in root.iter(f"{_OVF}Item")
        if item.findtext(f"{_RASD}ResourceType", "").strip() == kind
    ]


def _text(items: list[ET.Element], name: str) -> str:
    return items[0].findtext(_RASD + name, "").strip() if items else ""


def _config(items: list[ET.Element], key: str) -> str:
    rows = (row for item in items for row in item.iter(f"{_VMW}Config"))
    found = (row.get(f"{_VMW}value", "") for row in rows if row.get(f"{_VMW}key") == key)
    return next(found, "")


def _disk(root: ET.Element, folder: Path) -> tuple[Path, int]:
    disk = root.find(f"{_OVF}DiskSection/{_OVF}Disk")
    if disk is None:
        raise LabError("the descriptor names no disk")
    wanted = disk.get(f"{_OVF}fileRef")
    files = root.iterfind(f"{_OVF}References/{_OVF}File")
    name = next((row.get(f"{_OVF}href", "") for row in files if row.get(f"{_OVF}id") == wanted), "")
    unit = _UNITS.get(disk.get(f"{_OVF}capacityAllocationUnits", "byte").strip(), 0)
    if not name or not unit:
        raise LabError("the descriptor's disk has no file, or a unit that is not known")
    return folder / name, int(disk.get(f"{_OVF}capacity", "0")) * unit
