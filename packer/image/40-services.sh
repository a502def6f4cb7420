#!/bin/sh
# First boot starts these when it has configured them; nothing listens before.
set -eu

# systemd reads no init scripts for units that it has; while they are there, every enabling runs a
# Perl program and reads all units anew.
rm -f /etc/init.d/* /etc/rc?.d/*

# Costs at every boot without use here: sshd on a hypervisor socket, formats of foreign programs,
# crash dumps in firmware, leases that systemd-networkd would give to others. The root partition
# grows by bandstand-grow.service.
mkdir -p /etc/systemd/system-generators
for generator in systemd-ssh-generator systemd-gpt-auto-generator; do
    ln -sf /dev/null "/etc/systemd/system-generators/$generator"
done
for unit in systemd-binfmt.service proc-sys-fs-binfmt_misc.automount systemd-pstore.service \
    systemd-repart.service systemd-networkd-persistent-storage.service; do
    ln -sf /dev/null "/etc/systemd/system/$unit"
done

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
    e2scrub_all.timer e2scrub_reap.service rsyslog.service unattended-upgrades.service
# The timers of the updates are only enabled: they begin to count on the node, not in the build.
turn enable disabled nftables.service systemd-resolved.service chrony.service \
    apt-daily.timer apt-daily-upgrade.timer
# Nobody logs in at a virtual terminal, and no key restarts a node. What is masked cannot be disabled,
# so this comes last.
for unit in getty@.service autovt@.service ctrl-alt-del.target; do
    ln -sf /dev/null "/etc/systemd/system/$unit"
done
rm -f /etc/nginx/sites-enabled/default
ln -sf ../run/systemd/resolve/stub-resolv.conf /etc/resolv.conf
