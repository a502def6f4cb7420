"""The archive: descriptor, manifest and disk in USTAR, equal inputs giving equal bytes."""

from __future__ import annotations

import tarfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from agent.errors import Fault, InputRefused
from packer.ova.manifest import digest_of, line
from packer.ova.profile import Digest
from packer.ova.section import Section

# A USTAR size has eleven octal digits. Larger members need a dialect that vSphere does not read.
MEMBER_LIMIT = 1 << 33
_NAME_LIMIT = 100


def write_manifest(target: Path, files: Sequence[Path], *, digest: Digest) -> None:
    """One line for each file, in the order of the archive."""
    text = "".join(line(digest, file.name, file_digest(file, digest)) for file in files)
    target.write_text(text, encoding="ascii")


def pack(target: Path, files: Sequence[Path], *, stamp_s: int) -> None:
    """Write the archive; all members are root's and of one moment, `stamp_s` since 1970."""
    faults = tuple(_faults(files))
    if faults:
        raise InputRefused(faults)
    with tarfile.open(target, "w", format=tarfile.USTAR_FORMAT) as archive:
        for file in files:
            entry = tarfile.TarInfo(file.name)
            entry.size = file.stat().st_size
            entry.mtime = stamp_s
            entry.mode = 0o644
            with file.open("rb") as stream:
                archive.addfile(entry, stream)


def write_checksum(target: Path, ova: Path) -> None:
    """The file beside an OVA that `sha256sum --check` reads."""
    target.write_text(f"{file_digest(ova, Digest.SHA256)}  {ova.name}\n", encoding="utf-8")


def file_digest(file: Path, digest: Digest) -> str:
    with file.open("rb") as stream:
        return digest_of(Section(stream, 0, file.stat().st_size), digest)


def _faults(files: Sequence[Path]) -> Iterator[Fault]:
    for file in files:
        size = file.stat().st_size
        if size >= MEMBER_LIMIT:
            yield Fault(
                file.name,
                f"has {size} bytes, and a member of an OVA may have {MEMBER_LIMIT - 1}",
                "make the image smaller: zero its free space, or leave packages out",
            )
        if not file.name.isascii() or len(file.name) > _NAME_LIMIT:
            accepted = f"accepted are {_NAME_LIMIT} plain characters"
            yield Fault(file.name, "cannot be the name of a member", accepted)
