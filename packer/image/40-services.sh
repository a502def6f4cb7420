#!/bin/sh
# First boot starts these when it has configured them; nothing listens before.
set -eu

# Only what is not so yet: each call costs seconds in an emulated machine.
turn() {
    verb=$1 unwanted=$2
    shift 2
    left=
    for unit in "$@"; do
        state=$(systemctl is-enabled "$unit" 2>/dev/null || true)
        [ "$state" != "$unwanted" ] || left="$left $unit"
    done
    # shellcheck disable=SC2086  # one argument a unit
    [ -z "$left" ] || systemctl "$verb" --no-reload $left
}

turn disable enabled systemd-networkd.service nginx.service ssh.service getty@tty1.service \
    apt-daily.timer apt-daily-upgrade.timer e2scrub_all.timer e2scrub_reap.service
turn enable disabled nftables.service systemd-resolved.service chrony.service
rm -f /etc/nginx/sites-enabled/default
