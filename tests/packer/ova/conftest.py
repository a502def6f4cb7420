"""Appliances to look at and to damage; made once, never changed."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest

from packer.ova.build import build_ova
from packer.ova.profile import WIDE
from tests.packer.ova.declared import ROWS
from tests.packer.ova.small import GRAIN, PRODUCT, SMALL, FakeQemuImg, sparse_disk

NAME = "bandstand-1.2.3-wide"


@pytest.fixture(scope="session")
def small_ova(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A whole OVA with a disk of 4 MiB, made without a process."""
    folder = tmp_path_factory.mktemp("small")
    raw = folder / "disk.raw"
    raw.write_bytes(bytes(GRAIN))
    disk = sparse_disk({0: b"a" * GRAIN, 5: b"b" * GRAIN, 63: b"c" * GRAIN})
    target = folder / f"{NAME}.ova"
    return build_ova(raw, target, product=PRODUCT, profile=SMALL, rows=ROWS, run=FakeQemuImg(disk))


@pytest.fixture(scope="session")
def raw_disk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """8 MiB with text, holes, and a last grain that cannot be compressed."""
    if shutil.which("qemu-img") is None:
        pytest.skip("qemu-img is not installed (package qemu-utils)")
    noise = random.Random(7)
    raw = tmp_path_factory.mktemp("raw") / "disk.raw"
    with raw.open("wb") as stream:
        stream.write(b"text " * GRAIN)
        stream.seek(40 * GRAIN)
        stream.write(noise.randbytes(GRAIN))
        stream.seek(127 * GRAIN)
        stream.write(noise.randbytes(GRAIN))
    return raw


@pytest.fixture(scope="session")
def real_ova(raw_disk: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same way as a release takes, by qemu-img and with a disk of 80 GiB."""
    target = tmp_path_factory.mktemp("real") / f"{NAME}.ova"
    return build_ova(raw_disk, target, product=PRODUCT, profile=WIDE, rows=ROWS)
