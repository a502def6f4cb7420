#!/bin/sh
# cloud-init let the build in. Left on, it would read our OVF environment and act on it before us.
set -eu
touch /etc/cloud/cloud-init.disabled
mkdir -p /etc/systemd/system-generators
ln -sf /dev/null /etc/systemd/system-generators/cloud-init-generator
for unit in cloud-init-main.service cloud-init-local.service cloud-init-network.service \
    cloud-config.service cloud-final.service cloud-init.service cloud-init-hotplugd.service \
    cloud-init-hotplugd.socket cloud-config.target cloud-init.target; do
    rm -f "/etc/systemd/system/$unit"
    ln -s /dev/null "/etc/systemd/system/$unit"
done
rm -rf /etc/systemd/system/cloud-init.target.wants /etc/systemd/system/cloud-config.target.wants

rm -rf /var/lib/cloud /run/cloud-init /etc/netplan
rm -f /etc/systemd/network/10-cloud-init-* /etc/network/interfaces.d/50-cloud-init /etc/sudoers.d/90-cloud-init-users.new
rm -f /etc/udev/rules.d/*cloud* /etc/udev/rules.d/70-persistent-net.rules
rm -f /etc/ssh/sshd_config.d/*cloud-init* /etc/cloud/cloud.cfg.d/*curtin* /var/log/cloud-init*
