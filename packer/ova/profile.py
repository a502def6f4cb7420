"""Profiles: the ways of packing one image, as data."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

GIB = 1 << 30


class Digest(StrEnum):
    """The digest of the manifest, spelt as its lines spell it."""

    SHA1 = "SHA1"
    SHA256 = "SHA256"


@dataclass(frozen=True, kw_only=True)
class Profile:
    """What the virtual machine is made of. A slot is the PCI slot number asked of the host."""

    name: str
    hardware: str
    guest_id: str
    cim_id: int
    guest_words: str
    firmware: str
    cpus: int
    memory_mib: int
    disk_bytes: int
    scsi: str
    scsi_slot: int
    nic: str
    nic_slot: int
    network: str
    transports: tuple[str, ...]
    digest: Digest


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """What a build may have chosen besides the profile's own; nothing unless said."""

    cpus: range = range(0)
    memory_mib: range = range(0)
    disk_gib: range = range(0)

    def has_disk(self, size: int) -> bool:
        return size % GIB == 0 and size // GIB in self.disk_gib


# Every choice is the newest that ESXi 5.5 knows and that no later product has dropped. vmx-10 and
# a 3.x guest: newer names are unknown to the 5.5 API. E1000 in slot 32: the card that its guests
# call ens32. lsilogic: PVSCSI is refused by desktop products. SHA1: vCenter 5.5 and the Windows
# client refuse a SHA256 manifest, all later ones read SHA1; it guards against a broken download,
# not against forgery.
WIDE = Profile(
    name="wide",
    hardware="vmx-10",
    guest_id="other3xLinux64Guest",
    cim_id=100,
    guest_words="Debian GNU/Linux 13 (64-bit)",
    firmware="bios",
    cpus=4,
    memory_mib=8192,
    disk_bytes=80 * GIB,
    scsi="lsilogic",
    scsi_slot=16,
    nic="E1000",
    nic_slot=32,
    network="VM Network",
    transports=("com.vmware.guestInfo", "iso"),
    digest=Digest.SHA1,
)

PROFILES: tuple[Profile, ...] = (WIDE,)
