"""The disk's partitions: in order, on whole MiB, within the disk."""

from __future__ import annotations

import re

from packer.base.layout import MIB, SECTOR, Identity, Layout, fstab


def test_partitions_follow_each_other_and_end_before_the_backup_table() -> None:
    layout = Layout()
    rows = re.findall(r"start=(\d+), size=(\d+)", layout.table(Identity.of("a")))
    places = [(int(start) * SECTOR, int(size) * SECTOR) for start, size in rows]
    assert places[0] == (MIB, MIB)
    assert all(start % MIB == 0 == size % MIB for start, size in places)
    for (start, size), (following, _) in zip(places, places[1:], strict=False):
        assert start + size == following
    assert sum(places[-1]) == layout.disk_mib * MIB - MIB


def test_root_is_last_so_that_it_can_grow() -> None:
    assert Layout().table(Identity.of("a")).strip().splitlines()[-1].endswith("name=root")


def test_identity_follows_from_the_inputs() -> None:
    assert Identity.of("a") == Identity.of("a")
    assert Identity.of("a").root != Identity.of("b").root


def test_fstab_names_file_systems_by_identifier() -> None:
    identity = Identity.of("a")
    rows = [line.split() for line in fstab(identity).splitlines()]
    assert [row[:3] for row in rows] == [
        [f"UUID={identity.root}", "/", "ext4"],
        [f"UUID={identity.esp_label}", "/boot/efi", "vfat"],
    ]
    assert re.fullmatch(r"[0-9A-F]{4}-[0-9A-F]{4}", identity.esp_label)
