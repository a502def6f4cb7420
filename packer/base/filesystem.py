"""ext4 made offline from a tree, straight into its place on a disk."""

from __future__ import annotations

import uuid
from pathlib import Path

from packer.tool import find, logged, privileged

_KIB = 1024
_HASH_NAMESPACE = uuid.UUID("0c6a6f0a-2f4d-4a58-8f0e-7b9a3a1d5e21")
# 4096 inodes a group: enough for the small file system, and no gigabyte of tables once it grew.
_BYTES_PER_INODE = "32768"


def make_ext4(
    tree: Path, disk: Path, *, offset: int, size: int, identifier: str, log: Path
) -> None:
    """Write a file system of `size` bytes that holds `tree` at `offset` of `disk`."""
    extended = f"offset={offset},hash_seed={uuid.uuid5(_HASH_NAMESPACE, identifier)},root_owner=0:0"
    logged(
        *privileged(
            find("mke2fs", package="e2fsprogs"),
            *("-q", "-F", "-t", "ext4", "-b", "4096", "-m", "1", "-L", "root"),
            *("-i", _BYTES_PER_INODE, "-U", identifier, "-E", extended),
            *("-O", "^orphan_file,^metadata_csum_seed"),
            *("-d", str(tree), str(disk), f"{size // _KIB}k"),
        ),
        log=log,
    )
