#!/bin/sh
# What the list of packages asks for and the base does not have yet: a cloud image lacks most of it,
# our own base disk nothing.
set -eu
tar -C / -xf /tmp/files.tar ./etc/dpkg ./usr/share/bandstand
wanted=/usr/share/bandstand/build/wanted.txt
# shellcheck disable=SC2046  # one argument a name
missing=$(dpkg-query -W -f '${db:Status-Abbrev} ${Package}\n' $(cat $wanted) 2>/dev/null \
    | sed -n 's/^ii *//p' | sort | sort $wanted - | uniq -u)
[ -n "$missing" ] || exit 0

export DEBIAN_FRONTEND=noninteractive
apt-get update -q
# A cloud image is as old as its file.
apt-get upgrade -q -y --with-new-pkgs
# shellcheck disable=SC2086  # one argument a name
apt-get install -q -y --no-install-recommends $missing
