"""A log of writes that QEMU itself made, read back, and the cuts that it allows."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.lab import write_log
from tests.lab.call import LabError, call

pytestmark = pytest.mark.outside

_SIZE = 1 << 20


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Two writes, a flush, a write of zeros, a write, a flush, a write."""
    disk, log = tmp_path / "disk.qcow2", tmp_path / "writes"
    call("qemu-img", "create", "-q", "-f", "qcow2", str(disk), str(_SIZE))
    log.write_bytes(b"")
    image = f"driver=qcow2,file.driver=file,file.filename={disk}"
    parts = ",".join(f"file.{one}" for one in image.split(","))
    made = f"driver=blklogwrites,{parts},log.driver=file,log.filename={log},log-sector-size=512"
    acts = ("write -P 1 0 4k", "write -P 2 8k 1k", "flush", "write -z 0 512", "write -P 3 64k 2k")
    words = [word for act in (*acts, "flush", "write -P 4 0 512") for word in ("-c", act)]
    call("qemu-io", "--image-opts", made, *words)
    return log


def test_it_is_read_as_it_was_written(log: Path) -> None:
    entries = write_log.read(log)
    writes = [entry for entry in entries if entry.is_write][:4]
    places = [(entry.offset, entry.length) for entry in writes]
    assert places == [(0, 4096), (8192, 1024), (0, 512), (65536, 2048)]
    with log.open("rb") as stream:
        for entry, byte in zip(writes, (1, 2, 0, 3), strict=True):
            stream.seek(entry.data)
            assert set(stream.read(entry.length)) == {byte}


def test_what_was_flushed_is_safe(log: Path) -> None:
    entries = write_log.read(log)
    flushes = [place for place, entry in enumerate(entries, 1) if entry.is_flush]
    assert write_log.last_flush(entries, 0) == write_log.last_flush(entries, 1) == 0
    assert write_log.last_flush(entries, flushes[0]) == flushes[0]
    assert write_log.last_flush(entries, flushes[1] - 1) == flushes[0]


def test_of_what_was_not_flushed_any_part_may_be_there(log: Path) -> None:
    entries = [entry for entry in write_log.read(log) if entry.is_write][:4]
    seen = {
        tuple((one.offset, length) for one, length in write_log.kept(entries, random.Random(n)))
        for n in range(1000)
    }
    assert () in seen
    assert ((0, 4096), (8192, 1024), (0, 512), (65536, 2048)) in seen
    assert ((8192, 1024), (65536, 512)) in seen
    assert len(seen) == 2**3 * (1 + 4)


def test_another_file_is_no_log(tmp_path: Path) -> None:
    (tmp_path / "other").write_bytes(b"\0" * 4096)
    with pytest.raises(LabError, match="no log of writes"):
        _ = write_log.read(tmp_path / "other")
