#!/bin/sh
# What went in, exactly.
set -eu
dpkg-query -W -f '${Package} ${Version} ${Architecture}\n' | sort > /usr/share/bandstand/packages.txt
cp /usr/share/bandstand/packages.txt /var/tmp/packages.txt
chmod 0644 /var/tmp/packages.txt
