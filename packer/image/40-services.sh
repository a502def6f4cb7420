#!/bin/sh
# First boot starts these when it has configured them; nothing listens before.
set -eu
systemctl disable systemd-networkd.service nginx.service ssh.service
# udev's own units order themselves after the network's sockets only where networkd is enabled.
systemctl disable getty@tty1.service apt-daily.timer apt-daily-upgrade.timer e2scrub_all.timer e2scrub_reap.service
systemctl enable nftables.service systemd-resolved.service chrony.service
rm -f /etc/nginx/sites-enabled/default
