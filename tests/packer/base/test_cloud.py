"""A cloud image: refused unless it is the one that was meant."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from agent.errors import InputRefused, NotReachable
from packer.base import cloud


def test_another_checksum_is_refused_by_name(tmp_path: Path) -> None:
    image = tmp_path / "image.raw"
    _ = image.write_bytes(b"image")
    found = hashlib.sha256(b"image").hexdigest()
    with pytest.raises(InputRefused, match=f"CLOUD_IMAGE_SHA256: .*{found}, not {'0' * 64}"):
        cloud.make_disk(image.as_uri(), "0" * 64, tmp_path / "disk.raw", log=tmp_path / "log")
    assert not (tmp_path / "disk.raw").exists()


def test_one_that_is_not_there_is_said(tmp_path: Path) -> None:
    missing = (tmp_path / "missing").as_uri()
    with pytest.raises(NotReachable, match="CLOUD_IMAGE_URL"):
        cloud.make_disk(missing, "0" * 64, tmp_path / "disk.raw", log=tmp_path / "log")
