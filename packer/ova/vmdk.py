"""The disk: a raw image as a stream-optimised VMDK that VMware's readers take.

qemu-img writes it; its tail and its descriptor are mended here. It leaves zeros after the end
marker, or no end marker at all when the last grain fills its sectors, and a stream reader stops
(and stops counting the digest) at the first zero sector. Its descriptor has a random content id.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from agent.errors import BandstandError, Fault, InputRefused, UsageError
from agent.system.run import Run, run
from packer.ova.profile import Profile
from packer.ova.section import Section
from packer.ova.sparse import SECTOR, Walk, walk

_HEADS = 255
_SECTORS_A_TRACK = 63
_MOST_CYLINDERS = 65535
_PATIENCE_S = 3600

# What a guest with the distribution's own tools reports; without it customisation is refused.
_TOOLS_UNMANAGED = 2147483647
_TOOLS_OPEN = 4

# Content ids that mean "none" and "not to be trusted".
_RESERVED_IDS = ("ffffffff", "fffffffe")


@dataclass(frozen=True)
class Written:
    """A finished VMDK: bytes of the file, of the disk, and of what is not empty in it."""

    file_bytes: int
    capacity_bytes: int
    populated_bytes: int


def write_vmdk(raw: Path, target: Path, *, profile: Profile, run: Run = run) -> Written:
    """Pack `raw`, seen as the head of a disk of the profile's size; `raw` is left as it is.

    `target` must carry its final name, which the descriptor repeats.
    """
    _refuse_unfit(raw, target, profile)
    overlay = target.with_name(f"{target.name}.head")
    try:
        _convert(raw, overlay, target, profile, run)
    finally:
        overlay.unlink(missing_ok=True)
    return mend(target, profile=profile)


def mend(target: Path, *, profile: Profile) -> Written:
    """One end marker right after the last grain, and a descriptor with all its keys."""
    with target.open("r+b") as stream:
        section = Section(stream, 0, target.stat().st_size)
        walked = walk(section)
        if walked.broken:
            raise BandstandError(f"{target.name}: {walked.broken}", hint="run the build again")
        stream.seek(walked.stop)
        stream.truncate()
        stream.write(bytes(SECTOR))
        text = descriptor(
            name=target.name, walked=walked, content=content_id(section, walked), profile=profile
        )
        stream.seek(walked.header.descriptor * SECTOR)
        stream.write(_block(text, walked.header.descriptor_size * SECTOR))
    populated = len(walked.grains) * walked.header.grain * SECTOR
    return Written(walked.stop + SECTOR, walked.header.capacity_bytes, populated)


def content_id(section: Section, walked: Walk) -> str:
    """32 hex digits from the grains alone: equal disks get equal files."""
    digest = hashlib.sha256(str(walked.header.capacity).encode())
    for grain in walked.grains:
        digest.update(section.read(grain.position, 12 + grain.size))
    content = digest.hexdigest()[:32]
    return content[:-1] + "0" if content.endswith(_RESERVED_IDS) else content


def descriptor(*, name: str, walked: Walk, content: str, profile: Profile) -> str:
    """The text block of the VMDK. Its first line and the lack of indents are what readers want."""
    capacity = walked.header.capacity
    cylinders = min(_MOST_CYLINDERS, capacity // (_HEADS * _SECTORS_A_TRACK))
    return f"""\
# Disk DescriptorFile
version=1
CID={content[-8:]}
parentCID=ffffffff
createType="streamOptimized"

# Extent description
RW {capacity} SPARSE "{name}"

# The Disk Data Base
#DDB

ddb.adapterType = "lsilogic"
ddb.geometry.cylinders = "{cylinders}"
ddb.geometry.heads = "{_HEADS}"
ddb.geometry.sectors = "{_SECTORS_A_TRACK}"
ddb.longContentID = "{content}"
ddb.toolsInstallType = "{_TOOLS_OPEN}"
ddb.toolsVersion = "{_TOOLS_UNMANAGED}"
ddb.virtualHWVersion = "{profile.hardware.removeprefix("vmx-")}"
"""


def _refuse_unfit(raw: Path, target: Path, profile: Profile) -> None:
    if not raw.is_file():
        raise UsageError(f"there is no disk {raw}", hint="accepted is a raw disk image")
    if '"' in target.name:
        raise UsageError(f"a VMDK cannot be named {target.name}", hint="accepted: no quotes")
    size = raw.stat().st_size
    if not size or size % SECTOR:
        message = f"{raw.name} has {size} bytes; accepted is a raw disk of whole sectors"
        raise InputRefused((Fault("disk", message),))
    if size > profile.disk_bytes:
        message = f"{raw.name} has {size} bytes, more than the {profile.disk_bytes} of the profile"
        raise InputRefused((Fault("disk", message, f"shrink it, or pack {profile.name} larger"),))


def _convert(raw: Path, overlay: Path, target: Path, profile: Profile, run: Run) -> None:
    """An overlay of the full size stands for the sparse rest, so that `raw` is not touched.

    Never with -W: grains must come in the order of the disk.
    """
    size = str(profile.disk_bytes)
    back = str(raw.resolve())
    run("qemu-img", "create", "-q", "-f", "qcow2", "-F", "raw", "-b", back, str(overlay), size)
    options = "subformat=streamOptimized,adapter_type=lsilogic"
    make = ("qemu-img", "convert", "-f", "qcow2", "-O", "vmdk", "-o", options)
    run(*make, str(overlay), str(target), timeout_s=_PATIENCE_S)


def _block(text: str, size: int) -> bytes:
    data = text.encode()
    if len(data) >= size:
        raise BandstandError(f"the VMDK keeps {size} bytes for a descriptor of {len(data)}")
    return data.ljust(size, b"\0")
