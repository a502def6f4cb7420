"""Reads a descriptor back: only what is promised about it, typed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree import ElementTree

OVF = "{http://schemas.dmtf.org/ovf/envelope/1}"
VMW = "{http://www.vmware.com/schema/ovf}"
_CIM = "{http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/"
RASD = _CIM + "CIM_ResourceAllocationSettingData}"
VSSD = _CIM + "CIM_VirtualSystemSettingData}"

_UNITS = re.compile(r"byte( \* 2\^(?P<power>\d{1,2}))?")


class NotEnvelope(Exception):
    """Not an OVF descriptor; the message says why."""


@dataclass(frozen=True)
class FileEntry:
    """A file that the descriptor refers to; `size` is text, since it may be anything."""

    id: str
    name: str
    size: str


@dataclass(frozen=True)
class DiskEntry:
    """A virtual disk; `capacity_bytes` is None where the text is no number of bytes."""

    file_id: str
    format: str
    capacity: str
    capacity_bytes: int | None


@dataclass(frozen=True)
class PropertyEntry:
    """A property as a client sees it."""

    type: str
    value: str
    is_secret: bool
    is_shown: bool
    description: str


@dataclass(frozen=True)
class Device:
    """One item of the hardware."""

    kind: int
    subtype: str
    quantity: str
    slot: str
    is_required: bool


@dataclass(frozen=True)
class Envelope:
    """What the checks ask of a descriptor."""

    files: tuple[FileEntry, ...]
    disks: tuple[DiskEntry, ...]
    properties: tuple[tuple[str, PropertyEntry], ...]
    transports: tuple[str, ...]
    hardware: str
    guest_id: str
    guest_words: str
    annotation: str
    devices: tuple[Device, ...]
    required_configs: tuple[str, ...]
    extra_configs: tuple[str, ...]
    settings: tuple[tuple[str, str], ...]


def read_envelope(data: bytes) -> Envelope:
    """Raises NotEnvelope."""
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        raise NotEnvelope("it declares a document type, which a descriptor has no use for")
    try:
        root = ElementTree.fromstring(data)  # noqa: S314 - no document type, so no entities
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise NotEnvelope(f"it is not well-formed XML ({error})") from error
    if root.tag != f"{OVF}Envelope":
        raise NotEnvelope(f"its root is {root.tag[:80]}, not an OVF 1 envelope")
    return _envelope(root)


def _envelope(root: ElementTree.Element) -> Envelope:
    system = f"{OVF}VirtualSystem"
    hardware = root.find(f"{system}/{OVF}VirtualHardwareSection")
    guest = root.find(f"{system}/{OVF}OperatingSystemSection")
    hardware = ElementTree.Element("none") if hardware is None else hardware
    guest = ElementTree.Element("none") if guest is None else guest
    configs = tuple(root.iter(f"{VMW}Config"))
    return Envelope(
        files=tuple(map(_file, root.iterfind(f"{OVF}References/{OVF}File"))),
        disks=tuple(map(_disk, root.iterfind(f"{OVF}DiskSection/{OVF}Disk"))),
        properties=tuple(_properties(root.iterfind(f"{system}/{OVF}ProductSection"))),
        transports=tuple(hardware.get(f"{OVF}transport", "").split()),
        hardware=hardware.findtext(f"{OVF}System/{VSSD}VirtualSystemType", "").strip(),
        guest_id=guest.get(f"{VMW}osType", ""),
        guest_words=guest.findtext(f"{OVF}Description", "").strip(),
        annotation=root.findtext(f"{system}/{OVF}AnnotationSection/{OVF}Annotation", "").strip(),
        devices=tuple(map(_device, hardware.iterfind(f"{OVF}Item"))),
        required_configs=tuple(_key(one) for one in configs if _is_required(one)),
        extra_configs=tuple(map(_key, root.iter(f"{VMW}ExtraConfig"))),
        settings=tuple(map(_setting, hardware.iterfind(f"{VMW}Config"))),
    )


def _file(found: ElementTree.Element) -> FileEntry:
    return FileEntry(
        id=found.get(f"{OVF}id", ""),
        name=found.get(f"{OVF}href", ""),
        size=found.get(f"{OVF}size", ""),
    )


def _disk(found: ElementTree.Element) -> DiskEntry:
    capacity = found.get(f"{OVF}capacity", "")
    units = _UNITS.fullmatch(found.get(f"{OVF}capacityAllocationUnits", "byte").strip())
    is_number = units is not None and capacity.isascii() and capacity.isdigit()
    power = int(units["power"] or 0) if units else 0
    return DiskEntry(
        file_id=found.get(f"{OVF}fileRef", ""),
        format=found.get(f"{OVF}format", ""),
        capacity=capacity,
        capacity_bytes=int(capacity[:30]) << power if is_number else None,
    )


def _properties(
    sections: Iterator[ElementTree.Element],
) -> Iterator[tuple[str, PropertyEntry]]:
    for section in sections:
        names = [section.get(f"{OVF}class", ""), "", section.get(f"{OVF}instance", "")]
        for found in section.iterfind(f"{OVF}Property"):
            names[1] = found.get(f"{OVF}key", "")
            yield ".".join(name for name in names if name), _property(found)


def _property(found: ElementTree.Element) -> PropertyEntry:
    return PropertyEntry(
        type=found.get(f"{OVF}type", ""),
        value=found.get(f"{OVF}value", ""),
        is_secret=_is_true(found.get(f"{OVF}password", "false")),
        is_shown=_is_true(found.get(f"{OVF}userConfigurable", "false")),
        description=found.findtext(f"{OVF}Description", ""),
    )


def _device(found: ElementTree.Element) -> Device:
    kind = found.findtext(f"{RASD}ResourceType", "").strip()
    slots = [one for one in found.iterfind(f"{VMW}Config") if _key(one).endswith("pciSlotNumber")]
    return Device(
        kind=int(kind) if re.fullmatch("[0-9]{1,4}", kind) else 0,
        subtype=found.findtext(f"{RASD}ResourceSubType", "").strip(),
        quantity=found.findtext(f"{RASD}VirtualQuantity", "").strip(),
        slot=slots[0].get(f"{VMW}value", "") if slots else "",
        is_required=_is_required(found),
    )


def _setting(found: ElementTree.Element) -> tuple[str, str]:
    return _key(found), found.get(f"{VMW}value", "")


def _key(found: ElementTree.Element) -> str:
    return found.get(f"{VMW}key", "")


def _is_required(found: ElementTree.Element) -> bool:
    return _is_true(found.get(f"{OVF}required", "true"))


def _is_true(text: str) -> bool:
    return text.strip() in ("true", "1")
