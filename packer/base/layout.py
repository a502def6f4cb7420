"""The partitions of the disk: BIOS boot, EFI system, root; root last, so that it can grow."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

SECTOR = 512
MIB = 1024 * 1024

BIOS_BOOT_TYPE = "21686148-6449-6E6F-744E-656564454649"
EFI_TYPE = "C12A7328-F81F-11D2-BA4B-00A0C93EC93B"
ROOT_TYPE = "4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709"

_NAMESPACE = uuid.UUID("9c1f0d0e-6f3b-4d62-9d0c-5d1a6c8b7a10")


@dataclass(frozen=True)
class Identity:
    """The identifiers of a disk, derived from its inputs, so that equal inputs give equal disks."""

    disk: str
    root: str
    esp: str

    @classmethod
    def of(cls, key: str) -> Identity:
        def derived(name: str) -> str:
            return str(uuid.uuid5(_NAMESPACE, f"{key}/{name}"))

        return cls(derived("disk"), derived("root"), derived("esp")[:8])

    @property
    def esp_label(self) -> str:
        """How the FAT serial number is spelled in fstab."""
        return f"{self.esp[:4]}-{self.esp[4:]}".upper()


@dataclass(frozen=True)
class Layout:
    """Sizes and places in bytes; everything on whole MiB."""

    disk_mib: int = 3072
    bios_mib: int = 1
    esp_mib: int = 64

    @property
    def esp_offset(self) -> int:
        return (1 + self.bios_mib) * MIB

    @property
    def root_offset(self) -> int:
        return self.esp_offset + self.esp_mib * MIB

    @property
    def root_size(self) -> int:
        """One MiB at the end is left to the backup partition table."""
        return self.disk_mib * MIB - self.root_offset - MIB

    def table(self, identity: Identity) -> str:
        """The partition table as sfdisk reads it."""
        return "\n".join(
            (
                "label: gpt",
                f"label-id: {identity.disk}",
                "unit: sectors",
                "first-lba: 2048",
                _row(MIB, self.bios_mib * MIB, BIOS_BOOT_TYPE, "bios"),
                _row(self.esp_offset, self.esp_mib * MIB, EFI_TYPE, "esp"),
                _row(self.root_offset, self.root_size, ROOT_TYPE, "root"),
                "",
            )
        )


def _row(offset: int, size: int, kind: str, name: str) -> str:
    return f"start={offset // SECTOR}, size={size // SECTOR}, type={kind}, name={name}"


def fstab(identity: Identity) -> str:
    """The EFI system partition is mounted only while a boot loader is written."""
    return (
        f"UUID={identity.root} / ext4 errors=remount-ro 0 1\n"
        f"UUID={identity.esp_label} /boot/efi vfat umask=0077,noauto 0 0\n"
    )
