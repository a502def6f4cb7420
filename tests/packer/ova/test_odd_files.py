"""Files of any content: none is a crash, and no change goes unseen."""

from __future__ import annotations

import re
import tarfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.packer.ova.damage import DISK, OVF, resealed, said_of
from tests.packer.ova.small import SECTOR, members_of, write_archive

# Every example writes the same file anew; the machine may be busy.
PATIENT = settings(
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@given(data=st.data())
@settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_no_damage_goes_unseen_or_is_a_crash(
    small_ova: Path, tmp_path: Path, data: st.DataObject
) -> None:
    """Any one byte changed in what a member holds breaks its digest, or something sooner."""
    good = small_ova.read_bytes()
    with tarfile.open(small_ova) as archive:
        entry = data.draw(st.sampled_from(archive.getmembers()))
    place = entry.offset_data + data.draw(st.integers(0, entry.size - 1))
    flip = data.draw(st.integers(1, 255))
    ova = tmp_path / "flipped.ova"
    ova.write_bytes(good[:place] + bytes([good[place] ^ flip]) + good[place + 1 :])
    assert said_of(ova)


@given(data=st.data())
@settings(
    deadline=None, max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_no_header_of_a_disk_is_a_crash(
    small_ova: Path, tmp_path: Path, data: st.DataObject
) -> None:
    """Headers and tables of any content, under digests that are right."""
    members = members_of(small_ova)
    disk = bytearray(members[DISK])
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, 26 * SECTOR))
        new = data.draw(st.binary(min_size=1, max_size=16))
        disk[place : place + len(new)] = new
    members[DISK] = bytes(disk)
    ova = write_archive(tmp_path / "odd.ova", list(resealed(members).items()))
    said_of(ova)


@given(data=st.data())
@settings(
    deadline=None, max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_no_descriptor_is_a_crash(small_ova: Path, tmp_path: Path, data: st.DataObject) -> None:
    """Any piece of the descriptor replaced, under digests that are right."""
    members = members_of(small_ova)
    pieces = re.split(rb'(?<=["<>= ])', members[OVF])
    for _ in range(data.draw(st.integers(1, 3))):
        new = data.draw(st.sampled_from(pieces) | st.binary(max_size=8))
        pieces[data.draw(st.integers(0, len(pieces) - 1))] = new
    members[OVF] = b"".join(pieces)
    said_of(write_archive(tmp_path / "odd.ova", list(resealed(members).items())))


@given(data=st.data())
@settings(
    deadline=None, max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_no_archive_is_a_crash(small_ova: Path, tmp_path: Path, data: st.DataObject) -> None:
    """Headers of members with any content, with and without a checksum that is right."""
    whole = bytearray(small_ova.read_bytes())
    with tarfile.open(small_ova) as archive:
        start = data.draw(st.sampled_from([entry.offset for entry in archive]))
    place = start + data.draw(st.integers(0, 500))
    new = data.draw(st.binary(min_size=1, max_size=12))
    whole[place : place + len(new)] = new
    if data.draw(st.booleans()):
        header = whole[start : start + SECTOR]
        total = sum(header[:148]) + 8 * 32 + sum(header[156:])
        whole[start + 148 : start + 156] = b"%06o\0 " % total
    ova = tmp_path / "odd.ova"
    ova.write_bytes(whole)
    said_of(ova)
