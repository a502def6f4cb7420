"""Which card becomes ens32: the image's own udev reads our rule and links on a made-up PCI bus.

In its test mode udev runs no program: what it would run is run here, and what came of it is laid
into udev's database, where the rule looks first.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from packer.image.files import FOLDER
from tests.lab.fleet import image_tree

pytestmark = pytest.mark.node

_INSIDE = """
set -e
mount -t overlay overlay -o "lowerdir=$FILES:$TREE" "$ROOT"
mount --rbind /proc "$ROOT/proc"
mount --rbind "$BUSES" "$ROOT/sys"
mount -t tmpfs tmpfs "$ROOT/run"
mkdir -p "$ROOT/run/udev/data"
[ -z "$KNOWN" ] || echo "E:BANDSTAND_CARD=$KNOWN" > "$ROOT/run/udev/data/n$INDEX"
ip link add "$CARD" index "$INDEX" type veth peer name far
export SYSTEMD_DEVICE_VERIFY_SYSFS=0
exec chroot "$ROOT" "$@"
"""
_PROGRAM = re.compile(r'Running PROGRAM="(.*)"$', re.MULTILINE)
# That of the root file system, and that of the initramfs.
_SHELLS = ("/bin/sh", "/usr/lib/klibc/bin/sh")
_ETHERNET, _BRIDGE, _DISPLAY = "0x020000", "0x060400", "0x030000"
_OURS = "/etc/systemd/network"


@dataclass(frozen=True)
class Card:
    """Its place on the PCI bus, the firmware's number of it, and what lies between it and the card:
    nothing, a virtio or a USB device.
    """

    place: str
    number: int | None = None
    between: str = ""


class Machine:
    """Its cards are eth0, eth1 and so on, in the order in which their drivers came."""

    def __init__(self, folder: Path, *cards: Card) -> None:
        self._root, self._sys = folder / "root", folder / "sys"
        for made in (self._root, self._sys / "class/net", self._sys / "bus/pci/devices"):
            made.mkdir(parents=True)
        self._device("0000:00:01.0", _BRIDGE)
        self._device("0000:00:02.0", _DISPLAY)
        self._indices = {f"eth{number}": str(10 + number) for number in range(len(cards))}
        for (name, index), card in zip(self._indices.items(), cards, strict=True):
            self._plug(card, name, index)

    def names(self) -> list[str]:
        """What udev calls each of them."""
        return [self.told(card, self._rank(card))["ID_NET_NAME"] for card in self._indices]

    def told(self, card: str, known: str) -> dict[str, str]:
        """What udev knows of a card whose rank it knows."""
        lines = [line.strip() for line in self._test(card, known).splitlines()]
        return dict(line.split("=", 1) for line in lines if line.startswith("ID_NET_"))

    def _rank(self, card: str) -> str:
        """By the program of the rule, where it has one for this card."""
        found = _PROGRAM.search(self._test(card))
        if found is None:
            return ""
        shell, *rest = shlex.split(found[1])
        ended = {self._run(card, "", one, *rest).returncode for one in _SHELLS}
        assert (shell, len(ended)) == (_SHELLS[0], 1)
        return "first" if ended == {0} else "other"

    def _test(self, card: str, known: str = "") -> str:
        done = self._run(card, known, "udevadm", "test", "--action=add", f"/sys/class/net/{card}")
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr

    def _run(self, card: str, known: str, *argv: str) -> subprocess.CompletedProcess[str]:
        places = {"FILES": FOLDER, "TREE": image_tree(), "ROOT": self._root, "BUSES": self._sys}
        given = {"CARD": card, "INDEX": self._indices[card], "KNOWN": known}
        return subprocess.run(
            ("unshare", "--mount", "--net", "sh", "-c", _INSIDE, "lab", *argv),
            env={**os.environ, **given, **{key: str(place) for key, place in places.items()}},
            capture_output=True,
            text=True,
            check=False,
        )

    def _device(self, place: str, kind: str) -> Path:
        device = self._sys / "devices/pci0000:00" / place
        _lay(device, "bus/pci", {"class": kind, "vendor": "0x15ad", "device": "0x07b0"})
        (self._sys / "bus/pci/devices" / place).symlink_to(f"/sys/devices/pci0000:00/{place}")
        return device

    def _plug(self, card: Card, name: str, index: str) -> None:
        device = self._device(card.place, _ETHERNET)
        if card.number is not None:
            _ = (device / "acpi_index").write_text(f"{card.number}\n")
        if card.between:
            device = device / f"{card.between}0"
            _lay(device, f"bus/{card.between}", {"idVendor": "0bda", "idProduct": "8153"})
        mac = {"address": f"00:50:56:00:00:{index}", "addr_assign_type": "0"}
        kernel = {"type": "1", "ifindex": index, "iflink": index, "name_assign_type": "1"}
        place = device / "net" / name
        _lay(place, "class/net", {**mac, **kernel, "dev_port": "0", "dev_id": "0x0"})
        _ = (place / "uevent").write_text(f"INTERFACE={name}\nIFINDEX={index}\n")
        inside = "/sys" / place.relative_to(self._sys)
        (place / "device").symlink_to(inside.parents[1])
        (self._sys / "class/net" / name).symlink_to(inside)


def _lay(folder: Path, subsystem: str, attributes: Mapping[str, str]) -> None:
    folder.mkdir(parents=True)
    (folder / "subsystem").symlink_to(f"/sys/{subsystem}")
    for name, value in {"uevent": "", **attributes}.items():
        _ = (folder / name).write_text(f"{value}\n" if value else "")


@pytest.mark.parametrize(
    ("place", "between"),
    [("0000:02:00.0", ""), ("0000:0b:00.0", ""), ("0000:00:03.0", "virtio")],
)
def test_the_only_card_is_ens32_wherever_it_is(tmp_path: Path, place: str, between: str) -> None:
    assert Machine(tmp_path, Card(place, between=between)).names() == ["ens32"]


def test_of_several_it_is_the_lowest_on_the_bus_whichever_came_first(tmp_path: Path) -> None:
    cards = (Card("0000:0b:00.0"), Card("0000:03:00.0"), Card("0000:13:00.0"))
    assert Machine(tmp_path, *cards).names() == ["enp11s0", "ens32", "enp19s0"]


def test_the_firmwares_numbers_come_before_the_bus(tmp_path: Path) -> None:
    """As VMware numbers its adapters: the first one stays so when one of another kind is added."""
    first, second = Card("0000:0b:00.0", 16777736), Card("0000:02:00.0", 33554960)
    assert Machine(tmp_path, second, Card("0000:01:00.0"), first).names() == [
        "enp2s0",
        "enp1s0",
        "ens32",
    ]


def test_a_usb_card_is_never_ens32(tmp_path: Path) -> None:
    first, _ = Machine(tmp_path, Card("0000:02:00.0", between="usb"), Card("0000:03:00.0")).names()
    assert first != "ens32"


def test_a_card_that_was_other_stays_so_and_the_links_are_ours(tmp_path: Path) -> None:
    machine = Machine(tmp_path, Card("0000:03:00.0"))
    first, other = (machine.told("eth0", known) for known in ("first", "other"))
    assert first["ID_NET_LINK_FILE"] == f"{_OURS}/10-bandstand-ens32.link"
    assert other["ID_NET_LINK_FILE"] == f"{_OURS}/11-bandstand-other.link"
    assert other["ID_NET_NAME"] == "enp3s0"
