#!/bin/sh
# Last touches on the base tree: what the build needs to get in, and nothing of the machine it was made on.
set -eu
tree=$1

chroot "$tree" systemctl -q enable systemd-networkd.service ssh.service
ln -sf ../run/systemd/resolve/stub-resolv.conf "$tree/etc/resolv.conf"
echo bandstand > "$tree/etc/hostname"
printf '127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n' > "$tree/etc/hosts"
mkdir -p "$tree/boot/efi"
mv "$tree/etc/apt/sources.list.d/0000debian.sources" "$tree/etc/apt/sources.list.d/debian.sources"
# Those kept out by dpkg's path-excludes while packages came in are kept out of updates too.
mv "$tree/etc/dpkg/dpkg.cfg.d/99mmdebstrap" "$tree/etc/dpkg/dpkg.cfg.d/bandstand"
rm -f "$tree"/etc/ssh/ssh_host_*
: > "$tree/etc/machine-id"
# Newer than /usr: the first boot has no caches to make.
touch "$tree/etc/.updated" "$tree/var/.updated"
