"""A guest from its power button to its shell: the machine, the way in, and the node it becomes."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from http import HTTPStatus
from pathlib import Path

from tests.lab import screen, web
from tests.lab.accel import Accel
from tests.lab.descriptor import Hardware
from tests.lab.environment import environment
from tests.lab.network import Network
from tests.lab.node import Node, Status
from tests.lab.qemu import Machine, Tally, Wish
from tests.lab.serial import GuestPanicked
from tests.lab.site import Site
from tests.lab.ssh import Key, Ssh
from tests.lab.wait import until

# Under emulation on two busy cores; each is a deadline, never a pause.
BOOT_S = 900
SETTLE_S = 480
OFF_S = 240
_MENU_S = 120
_MORE = "MORE BELOW"
_CODE = r"\b[A-Z2-9]{4}-[A-Z2-9]{4}\b"


class Ground:
    """What the guests of one run stand on: network, hardware, accelerator, key, the tally."""

    def __init__(self, site: Site, network: Network, hardware: Hardware, accel: Accel) -> None:
        self.site, self.network, self.hardware, self.accel = site, network, hardware, accel
        self.key = Key(site)
        self.tally = Tally()


class Guest:
    """`address` is where it is expected; empty means wherever DHCP puts it.

    `password` is the administrator's, where the node was given one.
    """

    def __init__(
        self,
        ground: Ground,
        *,
        name: str,
        properties: Mapping[str, str] | None,
        address: str = "",
        nic: str = "",
        slot: int = 0,
        disk_bytes: int = 0,
        logged: bool = False,
        has_spare_port: bool = False,
        password: str = "",
    ) -> None:
        self._ground, self._fixed, self._password = ground, address, password
        self.name = name
        self.network = ground.network
        self.machine = Machine(
            ground.site,
            ground.network,
            ground.hardware,
            Wish(
                name=name,
                environment=None if properties is None else _environment(properties),
                nic=nic,
                slot=slot,
                disk_bytes=disk_bytes,
                logged=logged,
                has_spare_port=has_spare_port,
            ),
            accel=ground.accel,
            tally=ground.tally,
        )

    @property
    def address(self) -> str:
        return self._fixed or self.network.lease(self.machine.mac) or ""

    @functools.cached_property
    def ssh(self) -> Ssh:
        who = {"name": self.name, "address": self.address, "password": self._password}
        return Ssh(self._ground.site, self.network, key=self._ground.key, **who)

    @functools.cached_property
    def node(self) -> Node:
        return Node(self.name, self.address, self.network, self.ssh, self.machine.until)

    def boot(self) -> Status:
        """Power on for the first time; the status at the end of first boot."""
        return self.machine.boot(self._come_up, fresh=True)

    def switch_on(self) -> None:
        """Power on for the first time a node that lets nobody in; over once its pages answer."""
        self.machine.boot(self._serve, fresh=True)

    def switch_on_again(self) -> Status:
        """Power on with the disk that is in it by now, and all that was drawn for that."""
        if "ssh" in self.__dict__:
            self.ssh.forget()
        return self.machine.boot(self._come_up)

    def get(self, path: str) -> web.Reply:
        return web.get(self.network, self.address, path)

    def answers(self, port: int) -> bool:
        return self.network.answers(self.address, port)

    def reboot(self) -> Status:
        """Restart from inside, as an operator does."""
        self.restart()
        return self.come_back()

    def restart(self) -> None:
        """Ask for a restart, and wait until the machine resets."""
        _ = self.ssh.root("systemctl", "reboot", within_s=120)
        self.ssh.drop()
        self.machine.qmp.wait("RESET", within_s=OFF_S)

    def press_reset(self) -> None:
        """The button of the host's client, where nobody can log in: it asks the node nothing."""
        if "ssh" in self.__dict__:
            self.ssh.drop()
        self.machine.reset()

    def pick(self, entry: str, folder: Path) -> None:
        """This entry of the boot menu, after a reset; of the menu there is a picture."""

        def shown() -> int | None:
            self.machine.press("up")  # The first one stays marked, and the menu's count ends.
            rows = screen.read(self.picture(folder, "boot-menu")).rows
            marked = [at for at, row in enumerate(rows) if "*" in row]
            wanted = [at for at, row in enumerate(rows) if entry in row]
            return wanted[0] - marked[0] if marked and wanted else None

        for _ in range(until(shown, within_s=_MENU_S, what=f"{entry} in {self.name}'s boot menu")):
            self.machine.press("down")
        self.machine.press("ret")

    def move_to(self, address: str) -> None:
        """Somebody gave it this one."""
        self._fixed = address

    def come_back(self, address: str = "") -> Status:
        """Wait for the end of a boot that has begun; at another address, where one is said."""
        self.move_to(address or self._fixed)
        try:
            return self._come_up()
        except GuestPanicked:
            self._ground.tally.panics.append(self.name)
            return self.machine.boot(self._come_up)

    def power_off(self) -> None:
        if "ssh" in self.__dict__:
            self.ssh.drop()
        self.machine.power_off(within_s=OFF_S)

    def picture(self, folder: Path, moment: str) -> Path:
        """To be kept, so without the code that claims the node."""
        path = self.machine.picture(folder / f"{self.name}-{moment}.png")
        _ = screen.hide(path, _CODE)
        return path

    def pages(self, folder: Path, moment: str) -> list[str]:
        """All that its screen has to show, from the top; each page begins within the one before."""
        path = self.picture(folder, moment)
        pages = [screen.read(path).text]
        while _MORE in pages[-1]:
            self.machine.press("pgdn")
            pages.append(self._settled_after(pages[-1]))
        return pages

    def sees(self, folder: Path, moment: str, *words: str, within_s: float = 180) -> str:
        """Wait until one of these stands on its screen; all that stands there then."""

        def shown() -> str | None:
            text = screen.read(self.picture(folder, moment)).text
            return text if any(word in text for word in words) else None

        return self.machine.until(shown, within_s=within_s, what=f"one of {words} on tty1")

    def _settled_after(self, before: str) -> str:
        """The next page, once it is drawn; the last row counts seconds, and tells nothing."""
        last, path = [before], self.machine.folder / "scrolled.png"

        def look() -> str | None:
            text = screen.read(self.machine.picture(path)).text
            is_still, last[0] = _body(text) == _body(last[0]) != _body(before), text
            return text if is_still else None

        return self.machine.until(look, within_s=180, what="the next page of its screen")

    def _serve(self) -> None:
        self.machine.until(lambda: self.address or None, within_s=BOOT_S, what="an address")
        self.machine.until(self._serves, within_s=BOOT_S, what="its pages")

    def _serves(self) -> bool:
        try:
            return self.get("/cluster").status == HTTPStatus.OK
        except OSError:
            return False

    def _come_up(self) -> Status:
        self.machine.until(lambda: self.address or None, within_s=BOOT_S, what="an address")
        self.machine.until(self.ssh.up, within_s=BOOT_S, what="SSH")
        return self.node.wait_settled(within_s=SETTLE_S)


def _environment(properties: Mapping[str, str]) -> Callable[[str], str]:
    return lambda mac: environment(properties, mac=mac)


def _body(text: str) -> str:
    return text.rpartition("\n")[0]
