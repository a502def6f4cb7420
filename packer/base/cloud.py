"""A cloud image by URL and checksum in place of our own base disk."""

from __future__ import annotations

import hashlib
import urllib.error
import urllib.request
from pathlib import Path

from agent.errors import Fault, InputRefused, NotReachable
from packer.base.layout import MIB
from packer.tool import find, logged


def make_disk(url: str, sha256: str, disk: Path, *, log: Path) -> None:
    """Download, check and convert to a raw disk.

    Raises NotReachable when it cannot be had, InputRefused when its checksum is another.
    """
    download = disk.with_name("download.img")
    found = _download(url, download)
    if found != sha256:
        raise InputRefused(
            (
                Fault(
                    "CLOUD_IMAGE_SHA256",
                    f"the image at CLOUD_IMAGE_URL has the checksum {found}, not {sha256}",
                ),
            )
        )
    program = find("qemu-img", package="qemu-utils")
    logged(program, "convert", "-O", "raw", str(download), str(disk), log=log)
    download.unlink()


def _download(url: str, target: Path) -> str:
    total = hashlib.sha256()
    try:
        with urllib.request.urlopen(url, timeout=60) as source, target.open("wb") as stream:  # noqa: S310
            while chunk := source.read(MIB):
                total.update(chunk)
                _ = stream.write(chunk)
    except (urllib.error.URLError, TimeoutError) as error:
        raise NotReachable(f"CLOUD_IMAGE_URL: {url} could not be read: {error}") from error
    return total.hexdigest()
