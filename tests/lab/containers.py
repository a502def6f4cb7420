"""Nodes as systemd-nspawn containers of the image's own tree, each with its own ens32.

    tree (never written)  +  upper (this node's own)  ->  root  ->  systemd as in the appliance

The overlay, the control groups and the mounts live in a mount namespace of the container's own,
so they vanish with it. The machines may still use cgroup v1: a cgroup2 mount of our own does for
both. systemd-nspawn tells its leader and its readiness over the notification socket.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from tests.lab.call import LabError, Said, ask
from tests.lab.network import CARD, Network
from tests.lab.site import CGROUPS, Process, Site, remove_group
from tests.lab.wait import Deadline, TooLate, until

Seen = TypeVar("Seen")
_POWER_OFF = signal.SIGRTMIN + 4
_GONE_S = 20
_INSIDE = """
set -e
mount --make-rprivate /
while umount -R /sys/fs/cgroup 2>/dev/null; do :; done
mount -t cgroup2 none /sys/fs/cgroup
mkdir -p "/sys/fs/cgroup/$GROUP"
echo $$ > "/sys/fs/cgroup/$GROUP/cgroup.procs"
mount -t overlay overlay -o "lowerdir=$LOWER,upperdir=$UPPER,workdir=$WORK" "$ROOT"
shift 0
exec systemd-nspawn "$@"
"""
_STUB = """#!/bin/sh
# What VMware's host would answer; the lab lays the environment beside it.
case "$2" in
  "info-get guestinfo.ovfEnv") [ -s /etc/lab-ovf-env.xml ] && exec cat /etc/lab-ovf-env.xml ;;
  "info-set "*) printf '%s\\n' "$2" >> /run/lab-guestinfo; exit 0 ;;
esac
echo "No value found" >&2
exit 1
"""


class Container:
    """One node; made cold, started, stopped and started again on the same disk."""

    def __init__(
        self, site: Site, network: Network, tree: Path, *, name: str, code: Path | None = None
    ) -> None:
        self._site, self._network, self._tree, self._code = site, network, tree, code
        self.name = name
        self._port = f"v-{name}"[:15]
        self.mac = mac_of(site.name + name)
        self._netns = site.namespace(f"-{name}")
        self.folder = site.folder / name
        for part in ("upper", "work", "root"):
            (self.folder / part).mkdir(parents=True)
        self.upper = self.folder / "upper"
        self._notices: Notices | None = None
        self._process: Process | None = None
        self._leader = 0
        self._handle: int | None = None
        site.later(self._take_away)
        # The disks that the image's table names are not there.
        self.lay("/etc/fstab", "")

    # What is laid in before a boot

    def lay(self, path: str, text: str, *, mode: int = 0o644) -> None:
        """A file of the node's own disk; only while it is down."""
        target = self.upper / path.lstrip("/")
        for folder in reversed(target.relative_to(self.upper).parents):
            (self.upper / folder).mkdir(exist_ok=True)
        target.unlink(missing_ok=True)
        target.write_text(text)
        target.chmod(mode)

    def give_environment(self, xml: str) -> None:
        """Answers as a VMware host gives them: through vmtoolsd."""
        self.lay("/usr/bin/vmtoolsd", _STUB, mode=0o755)
        self.lay("/etc/lab-ovf-env.xml", xml)

    def give_answers(self, answers: Mapping[str, str]) -> None:
        self.lay("/etc/bandstand/answers.json", json.dumps(answers), mode=0o600)

    # Its life

    def start(self, *, ready_s: float | None = 60, is_cabled: bool = True) -> None:
        """Boot it with a fresh card; with `ready_s`, wait until systemd says it is up."""
        self._let_go()
        self._network.plug(self._netns, port=self._port, mac=self.mac)
        if not is_cabled:
            self.cut()
        self._listen()
        self._process = self._site.start(
            *self._command(), log=f"{self.name}.log", environment=self._environment()
        )
        self._leader = int(self._notice("X_NSPAWN_LEADER_PID", 20))
        self._handle = os.pidfd_open(self._leader)
        if ready_s is not None:
            self._notice("READY", ready_s)

    def wait_ready(self, within_s: float = 60) -> None:
        self._notice("READY", within_s)

    def power_off(self, within_s: float = 40) -> None:
        """As by the host's button; raises LabError when it does not end."""
        if self._process is None or not self._process.running:
            return
        self._signal(_POWER_OFF)
        _ = self._process.wait(within_s)
        self._network.unplug(self._port)

    def kill(self) -> None:
        """As a power cut, but for what the kernel had not written yet.

        With its first process all others end; systemd-nspawn would only leave them to themselves.
        """
        if self._process is None:
            return
        try:
            self._signal(signal.SIGKILL)
            _ = self._process.wait(_GONE_S)
        finally:
            self._process.end(signal.SIGKILL)
        self._network.unplug(self._port)

    def reboot(self) -> None:
        self.power_off()
        self.start()

    def cut(self) -> None:
        """Pull the cable; `mend` plugs it in again."""
        self._network.cut(self._port)

    def mend(self) -> None:
        self._network.mend(self._port)

    def add_card(self, name: str, mac: str) -> None:
        """Another one beside ens32, on the same network."""
        self._network.plug(self._netns, port=f"{self._port[:13]}-2", mac=mac, card=name)

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.running

    @property
    def seen(self) -> Path:
        """Its whole tree as it stands, with what is only in memory; while it runs."""
        return Path(f"/proc/{self._leader}/root")

    def root(self, *argv: str, stdin: str | None = None, within_s: float = 60) -> Said:
        """A program inside, as root."""
        if not self.running:
            raise LabError(f"{self.name} is not running: {self.words()}")
        return ask(*self.inside(), *argv, stdin=stdin, within_s=within_s)

    def check(self, *argv: str, stdin: str | None = None, within_s: float = 60) -> str:
        """What a program inside wrote; raises LabError when it fails."""
        said = self.root(*argv, stdin=stdin, within_s=within_s)
        if not said.ok:
            words = (said.stderr.strip() or said.stdout.strip())[-600:]
            raise LabError(f"{self.name}: {' '.join(argv[:6])}: status {said.returncode}: {words}")
        return said.stdout

    def until(self, look: Callable[[], Seen | None], *, within_s: float, what: str) -> Seen:
        """Wait for something that the node brings about; its journal is told when it does not."""

        def looked() -> Seen | None:
            if not self.running:
                raise LabError(f"{self.name} ended: {self.words()}")
            return look()

        try:
            return until(looked, within_s=within_s, what=f"{self.name}: {what}", pause_s=0.1)
        except TooLate as error:
            raise TooLate(f"{error}\n{self.journal(60)}") from error

    def inside(self) -> tuple[str, ...]:
        """What to put before a command so that it runs in the node."""
        pid = str(self._leader)
        clean = ("env", "-i", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
        return ("nsenter", "-t", pid, "-a", "--wd=/", *clean, "LC_ALL=C.UTF-8", "HOME=/root")

    def journal(self, last: int = 200) -> str:
        if not self.running:
            return self.words()
        return self.root("journalctl", "-b", "--no-pager", "-n", str(last)).stdout

    def words(self) -> str:
        return self._process.words() if self._process is not None else "never started"

    # How

    def _signal(self, number: int) -> None:
        """To its first process, and to no other that has its number by now."""
        if self._handle is not None:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._handle, number)

    def _let_go(self) -> None:
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None

    def _command(self) -> tuple[str, ...]:
        return (
            *("unshare", "--mount", "--propagation", "private"),
            *("sh", "-c", _INSIDE, "lab"),
            f"--directory={self.folder / 'root'}",
            f"--machine={self.name}",
            "--register=no",
            "--keep-unit",
            "--notify-ready=yes",
            f"--network-namespace-path=/run/netns/{self._netns}",
            "--capability=CAP_NET_ADMIN",
            "--resolv-conf=off",
            "--timezone=off",
            "--link-journal=no",
            "--console=read-only",
            "--boot",
        )

    def _environment(self) -> dict[str, str]:
        lowers = [path for path in (self._code, self._tree) if path is not None]
        return {
            "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1",
            "SYSTEMD_NSPAWN_API_VFS_WRITABLE": "network",
            "NOTIFY_SOCKET": str(self._notify),
            "GROUP": self._netns,
            "LOWER": ":".join(str(path) for path in lowers),
            "UPPER": str(self.upper),
            "WORK": str(self.folder / "work"),
            "ROOT": str(self.folder / "root"),
        }

    @property
    def _notify(self) -> Path:
        return self.folder / "notify"

    def _listen(self) -> None:
        if self._notices is not None:
            self._notices.close()
        self._notices = Notices(self._notify)

    def _notice(self, key: str, within_s: float) -> str:
        deadline = Deadline(within_s)
        while True:
            value = self._notices.take(key, min(0.5, deadline.left_s)) if self._notices else ""
            if value:
                return value
            if not self.running:
                raise LabError(f"{self.name} ended while it started: {self.words()}")
            if not deadline.left_s:
                said = self.words() if not self._leader else self.journal(60)
                raise TooLate(f"{self.name}: no {key} within {within_s:g} s\n{said}")

    def _take_away(self) -> None:
        self.kill()
        self._let_go()
        if self._notices is not None:
            self._notices.close()
        for top in CGROUPS:
            remove_group(Path(top) / self._netns)


class Notices:
    """The notification socket of one boot: KEY=value lines, read as they come.

    The queue of such a socket holds ten datagrams and PID 1 waits while it is full, on its way
    down too: somebody has to read to the end.
    """

    def __init__(self, path: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        path.unlink(missing_ok=True)
        self._socket.bind(str(path))
        path.chmod(0o666)
        self._seen: dict[str, str] = {}
        self._news = threading.Condition()
        self._reader = threading.Thread(target=self._read, name=f"notices {path}", daemon=True)
        self._reader.start()

    def take(self, key: str, within_s: float) -> str:
        """The value once it is there, else empty when the time is over."""
        with self._news:
            _ = self._news.wait_for(lambda: key in self._seen, within_s)
            return self._seen.get(key, "")

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._reader.join()
        self._socket.close()

    def _read(self) -> None:
        while said := self._socket.recv(4096):
            with self._news:
                for line in said.decode(errors="replace").splitlines():
                    name, _, value = line.partition("=")
                    self._seen[name] = value
                self._news.notify_all()


def mac_of(text: str) -> str:
    """A card address of VMware's range, the same for the same text."""
    digest = hashlib.sha256(text.encode()).digest()
    return f"00:50:56:{digest[0] & 0x3F:02x}:{digest[1]:02x}:{digest[2]:02x}"


@contextmanager
def running(container: Container) -> Iterator[Container]:
    """Boot it, and power it off at the end."""
    container.start()
    try:
        yield container
    finally:
        container.power_off()


__all__ = ["CARD", "Container", "mac_of", "running"]
