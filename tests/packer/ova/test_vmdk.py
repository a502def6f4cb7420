from __future__ import annotations

import io
import re
import shutil
import zlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent.errors import BandstandError, InputRefused, UsageError
from agent.system.run import run
from packer.ova.profile import WIDE
from packer.ova.section import Section
from packer.ova.sparse import damaged_grains, read_descriptor, read_tables, walk
from packer.ova.vmdk import mend, write_vmdk
from tests.packer.ova.small import GRAIN, GRAINS, SECTOR, SMALL, FakeQemuImg, content, sparse_disk

grain_data = st.one_of(
    st.binary(min_size=1, max_size=64).map(lambda piece: (piece * GRAIN)[:GRAIN]),
    st.randoms(use_true_random=False).map(lambda noise: noise.randbytes(GRAIN)),
)
disks = st.dictionaries(st.integers(0, GRAINS - 1), grain_data, max_size=6).map(
    lambda grains: dict(sorted(grains.items()))
)
# What writers leave behind the last grain: nothing, an end marker, or zeros to a cluster's edge.
tails = st.integers(0, 3).map(lambda sectors: bytes(sectors * SECTOR))


def section_of(file: Path) -> Section:
    data = file.read_bytes()
    return Section(io.BytesIO(data), 0, len(data))


def unpacked(section: Section) -> bytes:
    """The raw disk, read from grain to grain."""
    return content(
        {
            grain.lba * SECTOR // GRAIN: zlib.decompress(
                section.read(grain.position + 12, grain.size)
            )
            for grain in walk(section).grains
        }
    )


@given(grains=disks, tail=tails)
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_after_mending_one_end_marker_ends_the_file(
    grains: dict[int, bytes], tail: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    target = tmp_path_factory.getbasetemp() / "mended.vmdk"
    target.write_bytes(sparse_disk(grains, tail=tail))
    written = mend(target, profile=SMALL)
    section = section_of(target)
    walked = walk(section)
    assert walked.end == section.size - SECTOR == written.file_bytes - SECTOR
    assert written.capacity_bytes == GRAINS * GRAIN
    assert written.populated_bytes == len(grains) * GRAIN
    assert unpacked(section) == content(grains)
    assert not list(damaged_grains(section, walked))
    assert read_tables(section, walked.header) == {one.lba: one.position for one in walked.grains}


def test_mending_twice_changes_nothing(tmp_path: Path) -> None:
    target = tmp_path / "a.vmdk"
    target.write_bytes(sparse_disk({1: b"x" * GRAIN}, tail=b""))
    mend(target, profile=SMALL)
    once = target.read_bytes()
    mend(target, profile=SMALL)
    assert target.read_bytes() == once


def test_the_descriptor_has_the_keys_that_readers_ask_for(tmp_path: Path) -> None:
    target = tmp_path / "name of it.vmdk"
    target.write_bytes(sparse_disk({1: b"x" * GRAIN}))
    mend(target, profile=SMALL)
    section = section_of(target)
    text = read_descriptor(section, walk(section).header)
    assert text.splitlines()[0] == "# Disk DescriptorFile"
    assert f'RW {GRAINS * 128} SPARSE "name of it.vmdk"' in text
    for line in (
        'createType="streamOptimized"',
        'ddb.adapterType = "lsilogic"',
        'ddb.toolsVersion = "2147483647"',
        'ddb.toolsInstallType = "4"',
        'ddb.virtualHWVersion = "10"',
    ):
        assert line in text.splitlines()
    content_id = re.search('ddb.longContentID = "([0-9a-f]{32})"', text)
    assert content_id is not None
    assert f"CID={content_id[1][-8:]}\n" in text
    assert not re.search("^[ \t]", text, re.MULTILINE)


def test_the_content_id_follows_the_content(tmp_path: Path) -> None:
    texts = set[str]()
    for number, data in enumerate((b"x", b"x", b"y")):
        target = tmp_path / str(number) / "a.vmdk"
        target.parent.mkdir()
        target.write_bytes(sparse_disk({1: data * GRAIN}))
        mend(target, profile=SMALL)
        section = section_of(target)
        texts.add(read_descriptor(section, walk(section).header))
    assert len(texts) == 2


def test_a_disk_that_breaks_off_is_not_mended(tmp_path: Path) -> None:
    target = tmp_path / "a.vmdk"
    target.write_bytes(sparse_disk({1: bytes(range(256)) * 256})[: 128 * SECTOR + 100])
    with pytest.raises(BandstandError, match=r"a\.vmdk: the file breaks off within the grain"):
        mend(target, profile=SMALL)


@pytest.mark.parametrize(
    ("size", "said"),
    [
        (0, "has 0 bytes; accepted is a raw disk of whole sectors"),
        (700, "has 700 bytes; accepted is a raw disk of whole sectors"),
        (GRAINS * GRAIN + SECTOR, "more than the 4194304 of the profile"),
    ],
)
def test_a_raw_disk_that_cannot_be_is_refused(tmp_path: Path, size: int, said: str) -> None:
    raw = tmp_path / "disk.raw"
    raw.write_bytes(bytes(size))
    with pytest.raises(InputRefused, match=said):
        write_vmdk(raw, tmp_path / "a.vmdk", profile=SMALL, run=FakeQemuImg(b""))


def test_a_raw_disk_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no disk"):
        write_vmdk(tmp_path / "no", tmp_path / "a.vmdk", profile=SMALL, run=FakeQemuImg(b""))


def test_grains_are_never_written_out_of_order(tmp_path: Path) -> None:
    raw = tmp_path / "disk.raw"
    raw.write_bytes(bytes(GRAIN))
    fake = FakeQemuImg(sparse_disk({}))
    write_vmdk(raw, tmp_path / "a.vmdk", profile=SMALL, run=fake)
    assert not any("-W" in call for call in fake.calls)
    assert {found.name for found in tmp_path.iterdir()} == {"disk.raw", "a.vmdk"}


@pytest.mark.outside
class TestWithQemuImg:
    """The real writer, and independent readers of what we made of its output."""

    @pytest.fixture(scope="class")
    def disk(self, raw_disk: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
        target = tmp_path_factory.mktemp("vmdk") / "it-disk1.vmdk"
        before = raw_disk.read_bytes()
        write_vmdk(raw_disk, target, profile=WIDE)
        assert raw_disk.read_bytes() == before
        return target

    def test_it_ends_with_its_end_marker(self, disk: Path) -> None:
        with disk.open("rb") as stream:
            section = Section(stream, 0, disk.stat().st_size)
            walked = walk(section)
            assert walked.end == section.size - SECTOR
            assert not list(damaged_grains(section, walked))
            tables = read_tables(section, walked.header)
            twins = read_tables(section, walked.header, twin=True)
        assert tables == twins == {one.lba: one.position for one in walked.grains}
        assert walked.header.capacity_bytes == 80 * 1024**3

    def test_qemu_reads_the_same_disk(self, disk: Path, raw_disk: Path) -> None:
        run("qemu-img", "check", str(disk))
        run("qemu-img", "compare", "-f", "raw", "-F", "vmdk", str(raw_disk), str(disk))

    def test_libvmdk_reads_it(self, disk: Path) -> None:
        if shutil.which("vmdkinfo") is None:
            pytest.skip("vmdkinfo is not installed (package libvmdk-utils)")
        said = run("vmdkinfo", str(disk)).stdout
        assert re.search(r"Disk type\s*:\s+Stream optimized", said)
        assert "(85899345920 bytes)" in said
        assert re.search(r"Filename\s*:\s+it-disk1.vmdk", said)

    def test_the_same_disk_gives_the_same_bytes(
        self, disk: Path, raw_disk: Path, tmp_path: Path
    ) -> None:
        again = tmp_path / disk.name
        write_vmdk(raw_disk, again, profile=WIDE)
        assert again.read_bytes() == disk.read_bytes()
