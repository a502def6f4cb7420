#!/bin/sh
# Last touches on the base tree: what the build needs to get in, and nothing of the machine it was made on.
set -eu
tree=$1

chroot "$tree" systemctl -q enable systemd-networkd.service ssh.service
# What the image wants is cheaper here than in an emulated machine; image/40-services.sh sees to the rest.
chroot "$tree" systemctl -q disable nginx.service getty@tty1.service apt-daily.timer \
    apt-daily-upgrade.timer e2scrub_all.timer e2scrub_reap.service rsyslog.service unattended-upgrades.service
chroot "$tree" systemctl -q enable nftables.service systemd-resolved.service chrony.service
ln -sf ../run/systemd/resolve/stub-resolv.conf "$tree/etc/resolv.conf"
echo bandstand > "$tree/etc/hostname"
printf '127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n' > "$tree/etc/hosts"
mkdir -p "$tree/boot/efi"
mv "$tree/etc/apt/sources.list.d/0000debian.sources" "$tree/etc/apt/sources.list.d/debian.sources"
# What dpkg's path-excludes kept out is kept out of updates too.
mv "$tree/etc/dpkg/dpkg.cfg.d/99mmdebstrap" "$tree/etc/dpkg/dpkg.cfg.d/bandstand"
rm -f "$tree"/etc/ssh/ssh_host_*
: > "$tree/etc/machine-id"
# Newer than /usr: the first boot has no caches to make.
touch "$tree/etc/.updated" "$tree/var/.updated"
