"""What must hold for the descriptor and the disk of a finished OVA."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice, pairwise

from agent.errors import Fault
from agent.settings.declare import Row
from packer.ova.describe import DISK_FORMAT, TEXT_LIMIT, property_of
from packer.ova.envelope import DiskEntry, Envelope, PropertyEntry
from packer.ova.profile import Profile, Sizes
from packer.ova.section import Section
from packer.ova.sparse import (
    SECTOR,
    NotSparse,
    Walk,
    damaged_grains,
    read_descriptor,
    read_tables,
    walk,
)

_CPU, _MEMORY, _SCSI, _NIC, _CD = 3, 4, 6, 10, 15
_OPTIONAL = {1: "other", 5: "IDE", 14: "floppy", _CD: "CD", 24: "video"}
_SHOWN = 3
_NUMBER = re.compile(r"[1-9][0-9]{0,8}")


def reference_faults(envelope: Envelope, members: Mapping[str, Section]) -> Iterator[Fault]:
    """The files that the descriptor names, against what is in the archive."""
    for entry in envelope.files:
        if entry.name not in members:
            yield Fault("descriptor", f"it refers to {entry.name!r}, which is not in the archive")
        elif entry.size != (true := str(members[entry.name].size)):
            said = f"the descriptor says ovf:size {entry.size!r}"
            yield Fault(entry.name, f"has {true} bytes, but {said}", f"accepted is {true}")
    ids = {entry.id for entry in envelope.files}
    for disk in envelope.disks:
        if disk.file_id not in ids:
            yield Fault("descriptor", f"a disk refers to the file id {disk.file_id!r}, not listed")
    if not envelope.disks:
        yield Fault("descriptor", "it has no disk", "accepted is one Disk in a DiskSection")


def hardware_faults(envelope: Envelope, profile: Profile, sizes: Sizes) -> Iterator[Fault]:
    """The machine, against the profile, and what a build may choose besides."""
    for transport in profile.transports:
        if transport not in envelope.transports:
            said = " ".join(envelope.transports) or "nothing"
            yield Fault(
                "descriptor",
                f"its transport is {said}, without {transport} the guest misses its properties",
                f'accepted is ovf:transport="{" ".join(profile.transports)}"',
            )
    yield from _unlike("guest id", envelope.guest_id, profile.guest_id)
    yield from _unlike("firmware", dict(envelope.settings).get("firmware", ""), profile.firmware)
    yield from _device_faults(envelope, profile, sizes)
    for key in envelope.required_configs:
        yield Fault("descriptor", f"vmw:Config {key} is required", 'accepted: ovf:required="false"')
    for key in envelope.extra_configs:
        yield Fault("descriptor", f"vmw:ExtraConfig {key} makes clients warn", "accepted is none")
    for what, text in (("guest", envelope.guest_words), ("annotation", envelope.annotation)):
        if not text:
            yield Fault("descriptor", f"its {what} has no description, a client would show none")


def _device_faults(envelope: Envelope, profile: Profile, sizes: Sizes) -> Iterator[Fault]:
    for kind, what, own, others in (
        (_CPU, "number of CPUs", profile.cpus, sizes.cpus),
        (_MEMORY, "memory in MB", profile.memory_mib, sizes.memory_mib),
    ):
        said = _said(envelope, kind, "quantity")
        if not (_NUMBER.fullmatch(said) and int(said) in others):
            yield from _unlike(what, said, str(own))
    wanted = (
        (_SCSI, "SCSI controller", "subtype", profile.scsi),
        (_SCSI, "slot of the SCSI controller", "slot", str(profile.scsi_slot)),
        (_NIC, "network card", "subtype", profile.nic),
        (_NIC, "slot of the network card", "slot", str(profile.nic_slot)),
    )
    for kind, what, attribute, accepted in wanted:
        yield from _unlike(what, _said(envelope, kind, attribute), accepted)
    for device in envelope.devices:
        if device.kind in _OPTIONAL and device.is_required:
            what = f"its {_OPTIONAL[device.kind]} device is required"
            yield Fault("descriptor", what, 'accepted is ovf:required="false"')
    if "iso" in profile.transports and not any(one.kind == _CD for one in envelope.devices):
        yield Fault("descriptor", "it has no CD drive, which the transport iso needs")


def _said(envelope: Envelope, kind: int, attribute: str) -> str:
    return ", ".join(getattr(one, attribute) for one in envelope.devices if one.kind == kind)


def _unlike(what: str, said: str, accepted: str) -> Iterator[Fault]:
    if said != accepted:
        yield Fault("descriptor", f"its {what} is {said or 'not said'}", f"accepted is {accepted}")


def property_faults(envelope: Envelope, rows: Sequence[Row]) -> Iterator[Fault]:
    """The properties, against the declaration."""
    declared = {row.key: row for row in rows}
    names = [name for name, _ in envelope.properties]
    found = dict(envelope.properties)
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield Fault(name, "is there twice; a client would drop the second one")
    for name in sorted(set(found) - set(declared)):
        yield Fault(name, "is a property that no setting declares")
    for key, row in declared.items():
        if key in found:
            yield from _one_property_faults(row, found[key])
        else:
            yield Fault(key, "is declared, but the descriptor has no such property")


def _one_property_faults(row: Row, found: PropertyEntry) -> Iterator[Fault]:
    wanted = property_of(row)
    if row.is_secret and not found.is_secret:
        accepted = 'accepted is ovf:password="true"'
        yield Fault(row.key, "is a secret that clients would show as it is typed", accepted)
    if not found.is_shown:
        accepted = 'accepted is ovf:userConfigurable="true"'
        yield Fault(row.key, "is hidden from whoever deploys", accepted)
    if (found.type, found.value) != (wanted.type, wanted.value):
        said = f"is a {found.type or 'typeless thing'} of value {found.value!r}"
        yield Fault(row.key, said, f"accepted is a {wanted.type} of value {wanted.value!r}")
    if len(found.description) > TEXT_LIMIT:
        length = len(found.description)
        yield Fault(row.key, f"its description has {length} characters, {TEXT_LIMIT} at most")


def disk_faults(
    entry: DiskEntry, name: str, section: Section, profile: Profile, sizes: Sizes
) -> Iterator[Fault]:
    """The disk by its markers, tables and descriptor, against what the OVF descriptor says."""
    if entry.format != DISK_FORMAT:
        yield Fault(name, f"its ovf:format is {entry.format!r}", f"accepted is {DISK_FORMAT}")
    try:
        walked = walk(section)
        yield from _capacity_faults(entry, name, walked, profile, sizes)
        yield from _walk_faults(name, section, walked)
        yield from _table_faults(name, section, walked)
    except NotSparse as error:
        yield Fault(name, f"is no disk to import: {error}")
        return
    yield from _key_faults(name, read_descriptor(section, walked.header), walked)


def _capacity_faults(
    entry: DiskEntry, name: str, walked: Walk, profile: Profile, sizes: Sizes
) -> Iterator[Fault]:
    true = walked.header.capacity_bytes
    if entry.capacity_bytes != true:
        said = f"the descriptor says ovf:capacity {entry.capacity!r}"
        yield Fault(name, f"is a disk of {true} bytes, but {said}", f"accepted is {true}")
    if true != profile.disk_bytes and not sizes.has_disk(true):
        accepted = f"the profile {profile.name} has {profile.disk_bytes}"
        yield Fault(name, f"is a disk of {true} bytes", accepted)


def _walk_faults(name: str, section: Section, walked: Walk) -> Iterator[Fault]:
    accepted = "accepted is one sector of zeros right after the last grain"
    if walked.broken:
        yield Fault(name, walked.broken, "the disk is damaged")
    elif walked.end is None:
        yield Fault(name, "its end marker is missing", accepted)
    elif after := section.size - walked.end - SECTOR:
        words = f"{after} bytes follow its end marker, where a stream reader has stopped"
        yield Fault(name, words, accepted)
    for one, other in pairwise(walked.grains):
        if other.lba <= one.lba:
            words = f"the grain of sector {other.lba} stands after that of sector {one.lba}"
            yield Fault(name, words, "accepted are grains in the order of the disk")
    for grain in islice(damaged_grains(section, walked), _SHOWN):
        yield Fault(name, f"the grain of sector {grain.lba} does not unpack", "it is damaged")


def _table_faults(name: str, section: Section, walked: Walk) -> Iterator[Fault]:
    walkable = {grain.lba: grain.position for grain in walked.grains}
    tables = [read_tables(section, walked.header)]
    if walked.header.table_twin:
        tables.append(read_tables(section, walked.header, twin=True))
    if walked.broken or all(table == walkable for table in tables):
        return
    yield Fault(name, "its grain tables do not say what its markers say", "it is damaged")


def _key_faults(name: str, text: str, walked: Walk) -> Iterator[Fault]:
    keys = dict(_pairs(text))
    wanted = {"createType": "streamOptimized", "ddb.adapterType": "lsilogic"}
    for key, accepted in wanted.items():
        if keys.get(key) != accepted:
            said = keys.get(key, "missing")
            yield Fault(name, f"its key {key} is {said}", f"accepted is {accepted}")
    extent = f'RW {walked.header.capacity} SPARSE "{name}"'
    if extent not in text.splitlines():
        yield Fault(name, "its extent line does not name it", f"accepted is {extent}")
    if "ddb.toolsVersion" not in keys:
        yield Fault(name, "its key ddb.toolsVersion is missing", "accepted is a number")
    content = keys.get("ddb.longContentID", "")
    if len(content) != len("0" * 32) or content[-8:] != keys.get("CID"):
        accepted = "accepted is ddb.longContentID of 32 digits that ends in CID"
        yield Fault(name, f"its content ids {content!r} and {keys.get('CID')!r} differ", accepted)


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    for said in text.splitlines():
        key, equals, value = said.partition("=")
        if equals and not said.startswith("#"):
            yield key.strip(), value.strip().strip('"')
