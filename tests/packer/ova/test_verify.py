"""Damaged copies of good appliances; each is refused with its sentence, and with no other."""

from __future__ import annotations

import hashlib
import re
import struct
import tarfile
from pathlib import Path

import pytest

from agent.errors import UsageError
from packer.ova.profile import WIDE
from packer.ova.verify import verify
from tests.packer.ova.damage import (
    DISK,
    MF,
    OVF,
    Damage,
    Members,
    changed,
    disk_changed,
    grains_of,
    resealed,
    said_of,
    spoilt,
    swapped,
    wider,
)
from tests.packer.ova.declared import ADDRESS, JOIN, KEY, ROWS
from tests.packer.ova.small import GRAIN, SECTOR, SMALL, members_of, write_archive

MANIFEST_ACCEPTED = (
    'accepted is "SHA1(file name)= hexadecimal digits", with no blank before the bracket'
)
MARKER_ACCEPTED = "accepted is one sector of zeros right after the last grain"
TABLES = f"{DISK}: its grain tables do not say what its markers say; it is damaged"

# What was done, and every sentence that must come of it, as the beginning of a line.
CONTENT: dict[str, tuple[Damage, list[str]]] = {
    "wrong size": (
        changed(OVF, rb'ovf:size="\d+"', b'ovf:size="7"'),
        [f"{DISK}: has SIZE bytes, but the descriptor says ovf:size '7'; accepted is SIZE"],
    ),
    "wrong capacity": (
        changed(OVF, rb'ovf:capacity="\d+"', b'ovf:capacity="65536"'),
        [f"{DISK}: is a disk of CAPACITY bytes, but the descriptor says ovf:capacity '65536'"],
    ),
    "capacity that is no number": (
        changed(OVF, rb'ovf:capacity="\d+"', b'ovf:capacity="80 GB"'),
        [f"{DISK}: is a disk of CAPACITY bytes, but the descriptor says ovf:capacity '80 GB'"],
    ),
    "end marker missing": (
        disk_changed(lambda disk: disk[:-SECTOR]),
        [f"{DISK}: its end marker is missing; {MARKER_ACCEPTED}"],
    ),
    "bytes after the end marker": (
        disk_changed(lambda disk: disk + bytes(13824)),
        [f"{DISK}: 13824 bytes follow its end marker, where a stream reader has stopped; "],
    ),
    "one byte after the end marker": (
        disk_changed(lambda disk: disk + b"x"),
        [f"{DISK}: 1 bytes follow its end marker, where a stream reader has stopped; "],
    ),
    "grain that breaks off": (
        disk_changed(lambda disk: disk[: grains_of(disk)[-1][0] + 30]),
        [f"{DISK}: the file breaks off within the grain at byte "],
    ),
    "two grains swapped": (
        disk_changed(swapped),
        [f"{DISK}: the grain of sector FIRST stands after that of sector SECOND; ", TABLES],
    ),
    "spoilt grain": (
        disk_changed(spoilt),
        [f"{DISK}: the grain of sector SECOND does not unpack; it is damaged"],
    ),
    "text mode": (
        disk_changed(lambda disk: disk.replace(b"\n \r\n", b"\n \n\n", 1)),
        [f"{DISK}: is no disk to import: its line ends were changed on the way"],
    ),
    "transport lost": (
        changed(OVF, rb' ovf:transport="[^"]*"', b""),
        [
            "descriptor: its transport is nothing, without com.vmware.guestInfo the guest misses "
            'its properties; accepted is ovf:transport="com.vmware.guestInfo iso"',
            "descriptor: its transport is nothing, without iso the guest misses its properties",
        ],
    ),
    "one transport lost": (
        changed(OVF, b"com.vmware.guestInfo iso", b"iso"),
        ["descriptor: its transport is iso, without com.vmware.guestInfo the guest misses "],
    ),
    "slot lost": (
        changed(OVF, rb"<vmw:Config [^>]*pciSlotNumber[^>]*32[^>]*>", b""),
        ["descriptor: its slot of the network card is not said; accepted is 32"],
    ),
    "required configuration": (
        changed(OVF, rb'ovf:required="false" vmw:key="firmware"', b'vmw:key="firmware"'),
        ['descriptor: vmw:Config firmware is required; accepted: ovf:required="false"'],
    ),
    "required CD drive": (
        changed(
            OVF,
            rb'<Item ovf:required="false">(?=\s*<rasd:AddressOnParent>)',
            b"<Item>",
        ),
        ["descriptor: its CD device is required; "],
    ),
    "extra configuration": (
        changed(
            OVF,
            b"</VirtualHardwareSection>",
            b'<vmw:ExtraConfig vmw:key="a.b" vmw:value="c"/></VirtualHardwareSection>',
        ),
        ["descriptor: vmw:ExtraConfig a.b makes clients warn; accepted is none"],
    ),
    "three CPUs": (
        changed(OVF, b"<rasd:VirtualQuantity>4<", b"<rasd:VirtualQuantity>3<"),
        ["descriptor: its number of CPUs is 3; accepted is 4"],
    ),
    "newer hardware": (
        changed(OVF, b"vmx-10", b"vmx-21"),
        ["descriptor: its hardware version is vmx-21; accepted is vmx-10 (wide)"],
    ),
    "unknown guest": (
        changed(OVF, b"other3xLinux64Guest", b"debian13_64Guest"),
        ["descriptor: its guest id is debian13_64Guest; accepted is other3xLinux64Guest"],
    ),
    "secret not marked": (
        changed(OVF, rb' ovf:password="true"', b""),
        [f"{KEY.key}: is a secret that clients would show as it is typed; "],
    ),
    "hidden property": (
        changed(OVF, rb'ovf:userConfigurable="true"', b'ovf:userConfigurable="false"'),
        [f"{ADDRESS.key}: is hidden from whoever deploys; "],
    ),
    "property with a type that blocks": (
        changed(OVF, rb'ovf:type="string"', b'ovf:type="ip"'),
        [f"{ADDRESS.key}: is a ip of value ''; accepted is a string of value ''"],
    ),
    "property with a value": (
        changed(OVF, rb'ovf:value=""', b'ovf:value="192.0.2.9"'),
        [f"{ADDRESS.key}: is a string of value '192.0.2.9'; accepted is a string of value ''"],
    ),
    "long description": (
        changed(OVF, b"Where it is.", b"x" * 300),
        [f"{ADDRESS.key}: its description has 335 characters, 255 at most"],
    ),
    "no annotation": (
        changed(OVF, b"A stand.", b""),
        ["descriptor: its annotation has no description, a client would show none"],
    ),
    "wrong format": (
        changed(OVF, b"#streamOptimized", b"#sparse"),
        [f"{DISK}: its ovf:format is "],
    ),
    "entities": (
        changed(OVF, b"<Envelope", b'<!DOCTYPE a [<!ENTITY b "c">]><Envelope'),
        ["descriptor: it declares a document type, which a descriptor has no use for; "],
    ),
    "cut descriptor": (
        changed(OVF, b"</Envelope>", b""),
        ["descriptor: it is not well-formed XML ("],
    ),
    "adapter of the writer's own": (
        disk_changed(lambda disk: disk.replace(b'"lsilogic"', b'"ide"     ')),
        [f"{DISK}: its key ddb.adapterType is ide; accepted is lsilogic"],
    ),
    "another extent name": (
        disk_changed(lambda disk: disk.replace(b"-disk1.vmdk", b"-disk2.vmdk")),
        [f"{DISK}: its extent line does not name it; accepted is RW "],
    ),
    "random content id": (
        disk_changed(lambda disk: re.sub(rb"\nCID=........", b"\nCID=395a42c0", disk)),
        [f"{DISK}: its content ids "],
    ),
    "disk that tells another size": (
        disk_changed(wider),
        [
            f"{DISK}: is a disk of WIDER bytes, but the descriptor says ovf:capacity 'CAPACITY'",
            f"{DISK}: is a disk of WIDER bytes; the profile wide has CAPACITY",
            f"{DISK}: its extent line does not name it; ",
        ],
    ),
}


def filled_in(sentence: str, members: Members, capacity: int) -> str:
    first, second = (
        struct.unpack_from("<Q", members[DISK], start)[0]
        for start, _ in grains_of(members[DISK])[:2]
    )
    for word, number in {
        "SIZE": len(members[DISK]),
        "CAPACITY": capacity,
        "WIDER": capacity + GRAIN,
        "FIRST": first,
        "SECOND": second,
    }.items():
        sentence = sentence.replace(word, str(number))
    return sentence


def assert_refused(said: list[str], expected: list[str]) -> None:
    assert len(said) == len(expected), said
    for line, beginning in zip(said, expected, strict=True):
        assert line.startswith(beginning)


@pytest.mark.parametrize("case", CONTENT)
def test_damaged_content_is_refused(case: str, small_ova: Path, tmp_path: Path) -> None:
    damage, expected = CONTENT[case]
    members = members_of(small_ova)
    damaged = resealed(damage(members))
    ova = write_archive(tmp_path / small_ova.name, list(damaged.items()))
    sentences = [filled_in(one, members, SMALL.disk_bytes) for one in expected]
    assert_refused(said_of(ova), sentences)


@pytest.mark.outside
@pytest.mark.parametrize(
    "case",
    [
        "wrong size",
        "wrong capacity",
        "end marker missing",
        "bytes after the end marker",
        "two grains swapped",
        "spoilt grain",
        "transport lost",
    ],
)
def test_damage_to_a_real_ova_is_refused(case: str, real_ova: Path, tmp_path: Path) -> None:
    damage, expected = CONTENT[case]
    members = members_of(real_ova)
    ova = write_archive(tmp_path / real_ova.name, list(resealed(damage(members)).items()))
    sentences = [filled_in(one, members, WIDE.disk_bytes) for one in expected]
    assert_refused(said_of(ova, profile=WIDE), sentences)


def test_an_archive_rewritten_without_damage_is_accepted(small_ova: Path, tmp_path: Path) -> None:
    ova = write_archive(tmp_path / "a.ova", list(resealed(members_of(small_ova)).items()))
    assert said_of(ova) == []


def test_pax_headers_are_refused(small_ova: Path, tmp_path: Path) -> None:
    members = list(members_of(small_ova).items())
    ova = write_archive(tmp_path / "a.ova", members, format=tarfile.PAX_FORMAT, mtime=1.5)
    pax = "archive: it holds a PAX header (./PaxHeaders/"
    accepted = "which vSphere does not read; accepted is the USTAR format with whole-second times"
    said = said_of(ova)
    assert [line.endswith(accepted) for line in said if "a PAX header" in line] == [True] * 3
    assert any("it begins with" in line and "not with the descriptor" in line for line in said)
    assert all("archive: " in line for line in said), pax


def test_the_dialect_of_gnu_tar_is_refused(small_ova: Path, tmp_path: Path) -> None:
    members = list(members_of(small_ova).items())
    ova = write_archive(tmp_path / "a.ova", members, format=tarfile.GNU_FORMAT)
    expected = [
        f"archive: the header of {name} is marked b'ustar  \\x00'; accepted is the USTAR format"
        for name in (OVF, MF, DISK)
    ]
    assert said_of(ova) == expected


def test_a_descriptor_that_comes_second_is_refused(small_ova: Path, tmp_path: Path) -> None:
    members = members_of(small_ova)
    ova = write_archive(tmp_path / "a.ova", [(name, members[name]) for name in (MF, OVF, DISK)])
    assert_refused(
        said_of(ova),
        [
            f"archive: it begins with {MF}, not with the descriptor; "
            "accepted is the .ovf, then the .mf, then the disk",
            f"archive: its order is {MF}, {OVF}, {DISK}; ",
        ],
    )


def test_a_missing_manifest_is_refused(small_ova: Path, tmp_path: Path) -> None:
    members = members_of(small_ova)
    ova = write_archive(tmp_path / "a.ova", [(name, members[name]) for name in (OVF, DISK)])
    assert_refused(
        said_of(ova),
        [f"archive: its order is {OVF}, {DISK}; ", "manifest: there is none, so a broken download"],
    )


@pytest.mark.parametrize(
    ("pattern", "new", "line"),
    [
        (rb"SHA1\(", b"SHA1 (", f"SHA1 ({OVF})= "),
        (rb"SHA1\(", b"SHA2-256(", f"SHA2-256({OVF})= "),
        (rb"SHA1\(", b"SHA256(", f"SHA256({OVF})= "),
        (rb"\)= ", b") = ", f"SHA1({OVF}) = "),
    ],
    ids=["blank", "OpenSSL", "another digest", "BSD"],
)
def test_a_misspelt_manifest_is_refused(
    small_ova: Path, tmp_path: Path, pattern: bytes, new: bytes, line: str
) -> None:
    damaged = changed(MF, pattern, new)(members_of(small_ova))
    ova = write_archive(tmp_path / "a.ova", list(damaged.items()))
    said = said_of(ova)
    assert_refused(said, [f"{MF}: line 1 is '{line}", f"{MF}: has no line for {OVF}; "])
    assert said[0].endswith(MANIFEST_ACCEPTED)


@pytest.mark.parametrize("name", [OVF, DISK])
def test_a_wrong_digest_is_refused(small_ova: Path, tmp_path: Path, name: str) -> None:
    members = members_of(small_ova)
    true = hashlib.sha1(members[name]).hexdigest()
    damaged = changed(MF, true.encode(), b"0" * 40)(members)
    ova = write_archive(tmp_path / "a.ova", list(damaged.items()))
    expected = f"{name}: its SHA1 digest is {true}, but the manifest says {'0' * 40}; "
    assert_refused(said_of(ova), [expected])


def test_a_manifest_with_a_stranger_is_refused(small_ova: Path, tmp_path: Path) -> None:
    members = members_of(small_ova)
    members[MF] += b"SHA1(other.vmdk)= 00\n"
    ova = write_archive(tmp_path / "a.ova", list(members.items()))
    expected = f"{MF}: has a line for other.vmdk, which is not in the archive"
    assert_refused(said_of(ova), [expected])


def test_an_undeclared_and_a_missing_property_are_refused(small_ova: Path) -> None:
    late = JOIN._replace(key="cluster.late")
    assert_refused(
        said_of(small_ova, rows=(*ROWS[:-1], late)),
        [
            "cluster.join: is a property that no setting declares",
            "cluster.late: is declared, but the descriptor has no such property",
        ],
    )


def test_a_checksum_of_something_else_is_refused(small_ova: Path, tmp_path: Path) -> None:
    ova = tmp_path / small_ova.name
    ova.write_bytes(small_ova.read_bytes())
    beside = tmp_path / f"{ova.name}.sha256"
    beside.write_text(f"{'0' * 64}  {ova.name}\n")
    expected = f"{beside.name}: does not hold the checksum of the OVA beside it; "
    assert_refused(said_of(ova), [expected])


def test_all_faults_are_said_at_once(small_ova: Path, tmp_path: Path) -> None:
    members = members_of(small_ova)
    for name in ("transport lost", "end marker missing", "wrong size", "secret not marked"):
        members = CONTENT[name][0](members)
    ova = write_archive(tmp_path / "a.ova", list(members.items()))
    said = "\n".join(said_of(ova))
    for part in ("transport", "end marker is missing", "ovf:size '7'", "tls.key", "SHA1 digest"):
        assert part in said


@pytest.mark.parametrize("size", [0, 100, 512, 2000])
def test_a_cut_archive_is_refused(small_ova: Path, tmp_path: Path, size: int) -> None:
    ova = tmp_path / "a.ova"
    ova.write_bytes(small_ova.read_bytes()[:size])
    assert any(line.startswith("archive: ") for line in said_of(ova))


def test_bytes_after_the_archive_are_refused(small_ova: Path, tmp_path: Path) -> None:
    ova = tmp_path / "a.ova"
    ova.write_bytes(small_ova.read_bytes() + bytes(512) + b"x")
    expected = "archive: there are bytes after its end; accepted are zeros"
    assert_refused(said_of(ova), [expected])


def test_a_file_that_is_not_there_is_a_wrong_call(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no file"):
        verify(tmp_path / "no.ova", rows=ROWS)
