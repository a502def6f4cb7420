#!/bin/sh
# The last thing: nothing of this machine stays. What only the power-off itself writes is taken out
# of the finished tree by packer/image/finish.py.
set -eu
rm -f /etc/ssh/ssh_host_* /var/lib/dbus/machine-id
: > /etc/machine-id
echo bandstand > /etc/hostname
printf '127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n' > /etc/hosts

apt-get clean
rm -rf /var/lib/apt/lists/* /var/cache/apt/*.bin /var/cache/ldconfig/* /var/cache/debconf/*-old /var/lib/dpkg/*-old
rm -rf ~root/.ssh ~root/.cache ~root/.bash_history /usr/share/bandstand/build
find /var/log -type f -delete
rm -rf /var/log/journal
find /var/tmp -mindepth 1 -delete 2>/dev/null || true
