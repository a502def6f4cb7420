#!/bin/sh
# A boot loader for BIOS and for UEFI machines, and an early user space that names the card.
set -eu
root=$(findmnt -n -o SOURCE /)
disk=/dev/$(lsblk -n -o PKNAME "$root")

# A cloud image mounts it at every boot.
sed -i '\|[[:space:]]/boot/efi[[:space:]]|s/defaults/umask=0077,noauto/' /etc/fstab
mkdir -p /boot/efi
mountpoint -q /boot/efi || mount /boot/efi

# The kernel of a cloud image has no drivers for the devices of the wide profile. It runs this machine,
# and goes with its modules: those that the checks need are loaded before, by what needs them.
cloud=$(dpkg-query -W -f '${db:Status-Abbrev} ${Package}\n' 'linux-image-*cloud*' 2>/dev/null \
    | sed -n 's/^ii *//p')
if [ -n "$cloud" ]; then
    nft -c -f /etc/nftables.conf
    export DEBIAN_FRONTEND=noninteractive
    # shellcheck disable=SC2086  # one argument a name
    apt-get purge -q -y $cloud cloud-initramfs-growroot
fi

# The list is kept for the checks: reading an initramfs takes seconds in an emulated machine.
listed=/var/tmp/initramfs.txt
for initrd in /boot/initrd.img-*; do
    lsinitramfs "$initrd" > "$listed"
    if ! grep -q 76-bandstand-ens32.rules "$listed"; then
        update-initramfs -u -k "${initrd#*img-}"
        lsinitramfs "$initrd" > "$listed"
    fi
done

grub-install --target=i386-pc "$disk"
# The removable path, since no virtual machine remembers boot entries of a disk it never saw. Made
# here: the signed loader that a cloud image brings looks for its configuration in another folder.
grub-install --target=x86_64-efi --efi-directory=/boot/efi --removable --no-nvram \
    --no-uefi-secure-boot
update-grub
umount /boot/efi
