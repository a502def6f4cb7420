#!/bin/sh
# What the list of packages asks for and the base does not have yet: a cloud image lacks most of it,
# our own base disk nothing.
set -eu
tar -C / -xf /tmp/files.tar ./etc/dpkg ./usr/share/bandstand
missing=$(while read -r name; do
    dpkg-query -W -f '${db:Status-Abbrev}' "$name" 2>/dev/null | grep -q '^ii' || echo "$name"
done < /usr/share/bandstand/build/wanted.txt)
[ -n "$missing" ] || exit 0

export DEBIAN_FRONTEND=noninteractive
apt-get update -q
# shellcheck disable=SC2086  # one argument a name
apt-get install -q -y --no-install-recommends $missing
