"""Reads a finished OVA again, as if someone else had packed it, and says all that is wrong."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from agent.errors import BandstandError, Fault, InputRefused, UsageError
from agent.settings.declaration import CORE
from agent.settings.declare import Row
from packer import variables
from packer.ova.archive import Archive, Member, read_archive
from packer.ova.checks import disk_faults, hardware_faults, property_faults, reference_faults
from packer.ova.envelope import Envelope, NotEnvelope, read_envelope
from packer.ova.manifest import manifest_faults
from packer.ova.pack import file_digest
from packer.ova.profile import GIB, PROFILES, Digest, Profile, Sizes
from packer.ova.section import Section

_DESCRIPTOR_LIMIT = 12_582_912
_ORDER = "accepted is the .ovf, then the .mf, then the disk"


@dataclass(frozen=True)
class Report:
    """What was found: the profile it was measured by, the members, and every fault."""

    file: Path
    profile: str
    members: tuple[tuple[str, int], ...]
    faults: tuple[Fault, ...]

    def as_json(self) -> dict[str, object]:
        return {
            "file": self.file.name,
            "profile": self.profile,
            "members": [{"name": name, "bytes": size} for name, size in self.members],
            "ok": not self.faults,
            "faults": [fault.as_json() for fault in self.faults],
        }


def verify(
    ova: Path,
    *,
    rows: Sequence[Row],
    profiles: Sequence[Profile] = PROFILES,
    sizes: Sizes | None = None,
) -> Report:
    """Measured by the profile that it has, and `sizes` which a build may have chosen instead.

    Raises UsageError where there is no such file; all else is a fault of the report.
    """
    if not ova.is_file():
        raise UsageError(f"there is no file {ova}", hint="accepted is a finished .ova")
    with ova.open("rb") as stream:
        archive = read_archive(Section(stream, 0, ova.stat().st_size))
        files = tuple(member for member in archive.members if member.is_file)
        envelope, unread = _envelope(files)
        profile, unknown = _profile(envelope, profiles)
        faults = (
            *_archive_faults(archive, files),
            *unread,
            *unknown,
            *_content_faults(files, envelope, profile, sizes or Sizes(), rows),
            *_checksum_faults(ova),
        )
    members = tuple((member.name, member.section.size) for member in archive.members)
    return Report(ova, profile.name, members, faults)


def _content_faults(
    files: Sequence[Member],
    envelope: Envelope | None,
    profile: Profile,
    sizes: Sizes,
    rows: Sequence[Row],
) -> Iterator[Fault]:
    sections = {member.name: member.section for member in files}
    yield from _manifest_faults(sections, profile)
    if envelope is None:
        return
    yield from reference_faults(envelope, sections)
    yield from hardware_faults(envelope, profile, sizes)
    yield from property_faults(envelope, rows)
    names = {entry.id: entry.name for entry in envelope.files}
    for disk in envelope.disks:
        name = names.get(disk.file_id, "")
        if name in sections:
            yield from disk_faults(disk, name, sections[name], profile, sizes)


def _archive_faults(archive: Archive, files: Sequence[Member]) -> Iterator[Fault]:
    yield from archive.faults
    names = [member.name for member in files]
    if not archive.members or not archive.members[0].name.endswith(".ovf"):
        first = archive.members[0].name if archive.members else "nothing"
        yield Fault("archive", f"it begins with {first}, not with the descriptor", _ORDER)
    if [Path(name).suffix for name in names] != [".ovf", ".mf", ".vmdk"]:
        yield Fault("archive", f"its order is {', '.join(names) or 'empty'}", _ORDER)
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield Fault("archive", f"{name} is in it twice", "accepted is each file once")


def _envelope(files: Sequence[Member]) -> tuple[Envelope | None, tuple[Fault, ...]]:
    found = next((member for member in files if member.name.endswith(".ovf")), None)
    if found is None:
        return None, (Fault("descriptor", "there is none", "accepted is one .ovf in the archive"),)
    if found.section.size > _DESCRIPTOR_LIMIT:
        accepted = f"accepted are {_DESCRIPTOR_LIMIT}"
        return None, (Fault("descriptor", f"has {found.section.size} bytes", accepted),)
    try:
        return read_envelope(found.section.read(0, found.section.size)), ()
    except NotEnvelope as error:
        return None, (Fault("descriptor", str(error), "accepted is an OVF 1 envelope"),)


def _profile(
    envelope: Envelope | None, profiles: Sequence[Profile]
) -> tuple[Profile, tuple[Fault, ...]]:
    """The profile is known by the hardware version, which no two of them share."""
    if envelope is None:
        return profiles[0], ()
    for profile in profiles:
        if profile.hardware == envelope.hardware:
            return profile, ()
    accepted = "accepted is " + " or ".join(f"{one.hardware} ({one.name})" for one in profiles)
    said = envelope.hardware or "not said"
    return profiles[0], (Fault("descriptor", f"its hardware version is {said}", accepted),)


def _manifest_faults(sections: dict[str, Section], profile: Profile) -> Iterator[Fault]:
    name = next((name for name in sections if name.endswith(".mf")), None)
    if name is None:
        yield Fault("manifest", "there is none, so a broken download would be imported", _ORDER)
        return
    text = sections[name].read(0, _DESCRIPTOR_LIMIT).decode("utf-8", errors="replace")
    members = {other: section for other, section in sections.items() if other != name}
    yield from manifest_faults(text, digest=profile.digest, name=name, members=members)


def _checksum_faults(ova: Path) -> Iterator[Fault]:
    """The checksum file is looked at where it lies beside the OVA."""
    beside = ova.with_name(f"{ova.name}.sha256")
    if not beside.is_file():
        return
    said = beside.read_text(encoding="utf-8", errors="replace").split()
    true = file_digest(ova, Digest.SHA256)
    if said != [true, ova.name]:
        accepted = f"accepted is {true}  {ova.name}"
        yield Fault(beside.name, "does not hold the checksum of the OVA beside it", accepted)


def asked_for(raw: Mapping[str, str]) -> tuple[tuple[Profile, ...], Sizes]:
    """By the variables of `make ova`: what one of them says is wanted, else whatever it may say.

    Raises UsageError with every fault of a variable.
    """
    said = variables.read(raw)

    def is_said(name: str) -> bool:
        return bool(raw.get(name, "").strip())

    profiles = tuple(
        replace(
            profile,
            cpus=said.cpus if is_said("CPUS") else profile.cpus,
            memory_mib=said.memory_mb if is_said("MEMORY_MB") else profile.memory_mib,
            disk_bytes=said.disk_gb * GIB if is_said("DISK_GB") else profile.disk_bytes,
        )
        for profile in PROFILES
    )
    none = range(0)
    return profiles, Sizes(
        cpus=none if is_said("CPUS") else variables.CPUS,
        memory_mib=none if is_said("MEMORY_MB") else variables.MEMORY_MB,
        disk_gib=none if is_said("DISK_GB") else variables.DISK_GB,
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Check a finished OVA: exit 0 when it is as promised, 3 when it is not, with every fault.

    CPUS, MEMORY_MB and DISK_GB, where they are set, are what it was asked to be.
    """
    parser = argparse.ArgumentParser(prog="python -m packer.ova.verify", description=main.__doc__)
    parser.add_argument("ova", type=Path, metavar="FILE")
    parser.add_argument("--json", action="store_true", help="one object instead of words")
    asked = parser.parse_args(arguments)
    try:
        profiles, sizes = asked_for(os.environ)
        report = verify(asked.ova, rows=CORE.rows, profiles=profiles, sizes=sizes)
    except BandstandError as error:
        words = json.dumps(error.as_json()) if asked.json else error.message
        sys.stderr.write(f"{words}\n")
        return error.exit_code
    sys.stdout.write(json.dumps(report.as_json()) + "\n" if asked.json else in_words(report))
    return InputRefused.exit_code if report.faults else 0


def in_words(report: Report) -> str:
    lines = [f"{name}: {size} bytes" for name, size in report.members]
    lines += [fault_words(fault) for fault in report.faults]
    count = len(report.faults)
    end = f"{count} fault{'s' * (count > 1)}" if count else f"as promised, profile {report.profile}"
    return "\n".join([*lines, f"{report.file.name}: {end}", ""])


def fault_words(fault: Fault) -> str:
    return f"{fault.setting}: {fault.message}" + (f"; {fault.hint}" if fault.hint else "")


if __name__ == "__main__":
    sys.exit(main())
