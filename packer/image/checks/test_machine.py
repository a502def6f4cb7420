"""The running build machine after provisioning, before the clean-up."""

from __future__ import annotations

import re

import pytest
from testinfra.host import Host

_DRIVERS = ("mptspi", "vmw_pvscsi", "ata_piix", "ahci", "sd_mod", "e1000", "vmxnet3")
_DISABLED = (
    "systemd-networkd",
    "nginx",
    "ssh",
    "rsyslog",
    "bandstand-syslog",
    "bandstand-keyboard",
)
_ENABLED = (
    "apt-daily.timer",
    "apt-daily-upgrade.timer",
    "bandstand-agent.service",
    "bandstand-apply.socket",
    "bandstand-certificate.timer",
    "bandstand-console.service",
    "bandstand-firstboot.service",
    "bandstand-grow.service",
    "nftables.service",
    "systemd-resolved.service",
)


def test_initramfs_holds_the_drivers_and_the_name_of_the_card(host: Host) -> None:
    listed = host.check_output("cat /var/tmp/initramfs.txt")
    missing = [name for name in _DRIVERS if f"/{name}.ko" not in listed]
    assert missing == []
    naming = ("10-bandstand-ens32.link", "11-bandstand-other.link", "76-bandstand-ens32.rules")
    assert [name for name in naming if name not in listed] == []


def test_boot_loader_for_bios_and_uefi(host: Host) -> None:
    assert host.file("/boot/grub/i386-pc/core.img").exists
    menu = host.check_output("cat /boot/grub/grub.cfg")
    assert "console=ttyS0,115200n8" in menu
    with_efi = host.run("mount /boot/efi; ls /boot/efi/EFI/BOOT/BOOTX64.EFI; umount /boot/efi")
    assert with_efi.rc == 0


def test_the_menu_shows_itself_and_has_the_recovery_second(host: Host) -> None:
    menu = host.check_output("cat /boot/grub/grub.cfg")
    entries = re.findall(r"^menuentry '(.*?)'.*?^\tlinux\s+(.*?)$", menu, re.MULTILINE | re.DOTALL)
    (_, plain), (second, recovery) = entries[:2]
    assert second == "Bandstand recovery"
    assert recovery.split() == [*plain.split(), "bandstand.recovery"]
    assert "set timeout_style=menu" in menu
    assert "set timeout=2\n" in menu


def test_nobody_logs_in_at_a_terminal_and_no_key_restarts(host: Host) -> None:
    for unit in ("getty@tty1.service", "autovt@tty2.service", "ctrl-alt-del.target"):
        assert host.run(f"systemctl is-enabled {unit}").stdout.strip() == "masked", unit
    logind = host.check_output("systemd-analyze cat-config systemd/logind.conf")
    assert "NAutoVTs=0\nReserveVT=0" in logind
    manager = host.check_output("systemd-analyze cat-config systemd/system.conf")
    assert "\nCtrlAltDelBurstAction=none" in manager


@pytest.mark.parametrize("unit", _DISABLED)
def test_is_started_by_first_boot_only(host: Host, unit: str) -> None:
    # is-enabled would tell of the runtime masks that the kernel's command line set for the build.
    wants = host.check_output(f"find /etc/systemd/system -name {unit}.service -path '*.wants/*'")
    assert wants == ""


def test_our_units_are_enabled_and_sound(host: Host) -> None:
    states = host.check_output(f"systemctl is-enabled {' '.join(_ENABLED)}")
    assert set(states.split()) == {"enabled"}
    said = host.run(
        "systemd-analyze verify --recursive-errors=no /usr/lib/systemd/system/bandstand-*"
    )
    assert [line for line in said.stderr.splitlines() if "bandstand" in line] == []


def test_packages_are_whole(host: Host) -> None:
    assert host.check_output("dpkg --audit") == ""
    assert host.check_output("apt-get -s -f install | grep -c '^Inst' || true") == "0"


def test_users_and_folders(host: Host) -> None:
    for name in ("bandstand", "bandstand-portal", "bandstand-console"):
        assert host.user(name).shell == "/usr/sbin/nologin"
    assert host.file("/etc/bandstand/secrets").mode == 0o700
    assert host.file("/var/lib/bandstand/acts").user == "bandstand"


def test_the_image_knows_when_it_was_built(host: Host) -> None:
    release = host.file("/etc/bandstand/release").content_string
    assert "\nBUILT=20" in release


def test_firewall_rules_are_read(host: Host) -> None:
    assert host.run("nft -c -f /etc/nftables.conf").rc == 0


def test_what_a_node_uses_of_others_is_configured(host: Host) -> None:
    bounded = host.check_output("systemd-analyze cat-config systemd/journald.conf")
    assert "SystemMaxUse=500M" in bounded
    assert "-f /etc/chrony/bandstand.conf" in host.check_output("systemctl cat chrony.service")
    assert host.run("chronyd -p -f /etc/chrony/bandstand.conf").rc == 0
    origins = host.check_output("apt-config dump Unattended-Upgrade::Origins-Pattern")
    assert "-security,label=Debian-Security" in origins
    assert 'label=Debian"' not in origins


def test_nothing_is_asked_beyond_the_given_resolvers(host: Host) -> None:
    said = host.check_output("systemd-analyze cat-config systemd/resolved.conf")
    assert "FallbackDNS=\nLLMNR=no\nMulticastDNS=no" in said
