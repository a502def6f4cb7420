#!/bin/sh
# Our own package, the way an upgrade would bring it.
set -eu
export DEBIAN_FRONTEND=noninteractive
apt-get install -q -y --no-install-recommends /tmp/bandstand_*_all.deb
install -D -m 0644 /tmp/release /etc/bandstand/release
