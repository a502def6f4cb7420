"""A cloud image made here, in the shape of Debian's genericcloud."""

from __future__ import annotations

import shutil
import struct
import subprocess
from pathlib import Path

from packer.base.filesystem import make_ext4
from packer.base.layout import BIOS_BOOT_TYPE, EFI_TYPE, MIB, ROOT_TYPE, SECTOR
from packer.base.tree import SOURCES, SUITE

_BIOS, _ESP, _ROOT = 1 * MIB, 4 * MIB, 128 * MIB
_DISK = 3072 * MIB
_ROOT_ID, _ESP_ID = "5d6a7a0e-6c6b-4d0c-9a51-3d1f0c2b4e77", "C10D1A6E"
# Those of Debian's genericcloud that a build has to live with: another kernel, another boot loader,
# netplan, another clock, upgrades by themselves.
_PACKAGES = """apparmor apt-utils ca-certificates cloud-init cloud-initramfs-growroot dbus fdisk
gpgv grub-cloud-amd64 init iproute2 iptables iputils-ping less libnss-myhostname libnss-resolve
libpam-systemd linux-image-cloud-amd64 nano netbase netplan.io openssh-server polkitd python3
ssh-import-id sudo systemd-resolved systemd-timesyncd udev unattended-upgrades vim-tiny zstd"""
_MODULES = "biosdisk part_gpt ext2 normal linux search configfile echo ls test minicmd"
_FSTAB = f"""UUID={_ROOT_ID} / ext4 rw,discard,errors=remount-ro,x-systemd.growfs 0 1
UUID={_ESP_ID[:4]}-{_ESP_ID[4:]} /boot/efi vfat defaults 0 0
"""
_MENU = f"""search --no-floppy --fs-uuid --set=root {_ROOT_ID}
linux /vmlinuz root=UUID={_ROOT_ID} ro console=tty0 console=ttyS0,115200
initrd /initrd.img
boot
"""
_SETTLE = f"""
systemctl -q enable systemd-networkd systemd-resolved
printf 'manage_etc_hosts: true\\n' > /etc/cloud/cloud.cfg.d/01_debian_cloud.cfg
mkdir -p /boot/efi /boot/grub/i386-pc
cp /usr/lib/grub/i386-pc/*.mod /usr/lib/grub/i386-pc/*.lst /boot/grub/i386-pc
grub-mkimage -O i386-pc -o /core.img -p '(hd0,gpt1)/boot/grub' {_MODULES}
rm -f /etc/ssh/ssh_host_* /var/log/*.log
: > /etc/machine-id
mv /etc/apt/sources.list.d/0000debian.sources /etc/apt/sources.list.d/debian.sources
ln -sf /run/systemd/resolve/resolv.conf /etc/resolv.conf
"""


def make(folder: Path) -> Path:
    """The image as qcow2; `folder` takes what it is made of."""
    tree, disk, log = folder / "tree", folder / "disk.raw", folder / "log"
    _run(
        *("mmdebstrap", "--quiet", "--mode=root", "--variant=minbase", "--format=directory"),
        f"--include={','.join(_PACKAGES.split())}",
        *(SUITE, str(tree), str(SOURCES)),
    )
    _run("chroot", str(tree), "sh", "-euc", _SETTLE)
    _ = (tree / "etc/fstab").write_text(_FSTAB)
    _ = (tree / "boot/grub/grub.cfg").write_text(_MENU)
    with disk.open("wb") as stream:
        _ = stream.truncate(_DISK)
    _ = subprocess.run(
        ["sfdisk", "-q", str(disk)], input=_table(), text=True, check=True, capture_output=True
    )
    _run(
        # One sector a cluster: with fewer clusters than FAT32 must have, firmware sees no files.
        *("mkfs.vfat", "-F", "32", "-s", "1", "-i", _ESP_ID),
        *(f"--offset={_ESP // SECTOR}", str(disk)),
        str((_ROOT - _ESP) // 1024),
    )
    root = _DISK - _ROOT - MIB
    make_ext4(tree, disk, offset=_ROOT, size=root, identifier=_ROOT_ID, log=log)
    _boot_from_bios(disk, tree)
    image = folder / "cloud.qcow2"
    _run("qemu-img", "convert", "-c", "-O", "qcow2", str(disk), str(image))
    shutil.rmtree(tree)
    disk.unlink()
    return image


def _table() -> str:
    """Debian's numbers and order: the root is the first, and lies last."""
    rows = ((14, _BIOS, _ESP, BIOS_BOOT_TYPE), (15, _ESP, _ROOT, EFI_TYPE))
    last = (1, _ROOT, _DISK - MIB, ROOT_TYPE)
    lines = (
        f"disk{number} : start={start // SECTOR}, size={(end - start) // SECTOR}, type={kind}"
        for number, start, end, kind in (*rows, last)
    )
    return "\n".join(("label: gpt", "unit: sectors", *lines, ""))


def _boot_from_bios(disk: Path, tree: Path) -> None:
    """What grub-install does to a disk of its own, where no partition is a device."""
    first = bytearray((tree / "usr/lib/grub/i386-pc/boot.img").read_bytes())
    core = bytearray((tree / "core.img").read_bytes())
    place = _BIOS // SECTOR
    struct.pack_into("<Q", first, 0x5C, place)
    struct.pack_into("<H", first, 0x66, 0x9090)  # the drive is the one that the BIOS says
    struct.pack_into("<Q", core, SECTOR - 12, place + 1)
    with disk.open("r+b") as stream:
        _ = stream.write(first[:440])
        _ = stream.seek(_BIOS)
        _ = stream.write(core)


def _run(*argv: str) -> None:
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    if done.returncode:
        raise AssertionError(f"{argv[0]}: {done.stderr[-3000:]}")
