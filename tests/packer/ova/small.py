"""Small disks and appliances made in memory, by a writer that shares no line with ours."""

from __future__ import annotations

import dataclasses
import io
import struct
import tarfile
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path

from agent.system.run import Completed
from packer.ova.describe import Product
from packer.ova.profile import WIDE

GRAIN = 65536
SECTOR = 512
GRAINS = 64
SMALL = dataclasses.replace(WIDE, disk_bytes=GRAINS * GRAIN)
PRODUCT = Product(
    name="bandstand", version="1.2.3", title="Bandstand", vendor="Someone", annotation="A stand."
)

_OVERHEAD = 128
_END = bytes(SECTOR)


def content(grains: Mapping[int, bytes]) -> bytes:
    """The raw disk that holds these grains."""
    disk = bytearray(GRAINS * GRAIN)
    for index, data in grains.items():
        disk[index * GRAIN : (index + 1) * GRAIN] = data
    return bytes(disk)


def sparse_disk(grains: Mapping[int, bytes], *, tail: bytes = _END) -> bytes:
    """A stream-optimised VMDK of 4 MiB, its grains in the order given, ended by `tail`."""
    body = bytearray()
    places: dict[int, int] = {}
    for index, data in grains.items():
        packed = zlib.compress(data)
        places[index] = _OVERHEAD + len(body) // SECTOR
        marker = struct.pack("<QI", index * GRAIN // SECTOR, len(packed))
        body += (marker + packed).ljust(-(-(12 + len(packed)) // SECTOR) * SECTOR, b"\0")
    table = struct.pack("<512I", *(places.get(index, 0) for index in range(512)))
    head = bytearray(_header() + b"# Disk DescriptorFile\n".ljust(20 * SECTOR, b"\0"))
    head += struct.pack("<I", 22).ljust(SECTOR, b"\0") + table
    return bytes(head.ljust(_OVERHEAD * SECTOR, b"\0") + body + tail)


def _header() -> bytes:
    capacity = GRAINS * GRAIN // SECTOR
    head = struct.pack("<4sIIQQQQIQQQ", b"KDMV", 3, 0x30001, capacity, 128, 1, 20, 512, 0, 21, 128)
    return (head + b"\0\n \r\n" + struct.pack("<H", 1)).ljust(SECTOR, b"\0")


class FakeQemuImg:
    """Stands for qemu-img: `convert` writes `disk` to its last argument."""

    def __init__(self, disk: bytes) -> None:
        self.disk = disk
        self.calls: list[tuple[str, ...]] = []

    def __call__(
        self,
        *argv: str,
        check: bool = True,
        stdin: str | None = None,
        timeout_s: float = 60,
        environment: Mapping[str, str] | None = None,
    ) -> Completed:
        self.calls.append(argv)
        if argv[1] == "convert":
            Path(argv[-1]).write_bytes(self.disk)
        return Completed(argv, 0, "", "")


def members_of(ova: Path) -> dict[str, bytes]:
    """What is in an OVA, as tar sees it."""
    with tarfile.open(ova) as archive:
        return {entry.name: _bytes_of(archive, entry) for entry in archive}


def _bytes_of(archive: tarfile.TarFile, entry: tarfile.TarInfo) -> bytes:
    stream = archive.extractfile(entry)
    assert stream is not None
    return stream.read()


def write_archive(
    target: Path,
    members: Sequence[tuple[str, bytes]],
    *,
    format: int = tarfile.USTAR_FORMAT,
    mtime: float = 0,
) -> Path:
    """An archive of these members, in this order and format."""
    with tarfile.open(target, "w", format=format) as archive:
        for name, data in members:
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            entry.mtime = mtime
            archive.addfile(entry, io.BytesIO(data))
    return target
