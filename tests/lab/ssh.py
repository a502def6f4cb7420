"""SSH to a node as its administrator, over one connection kept open."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

import testinfra

from tests.lab.call import LabError, Said, ask, call
from tests.lab.network import Network
from tests.lab.site import Process, Site
from tests.lab.wait import TooLate, until

USER = "admin"
# The last word of all that sudo reads.
_WAIVER, _WAIVED = "/etc/sudoers.d/zz-lab", f"{USER} ALL=(ALL) NOPASSWD: ALL"
_CONFIG = """Host {name}
  HostName {address}
  User {user}
  IdentityFile {key}
  IdentitiesOnly yes
  IdentityAgent none
  PasswordAuthentication no
  UserKnownHostsFile {folder}/{name}.known
  GlobalKnownHostsFile /dev/null
  StrictHostKeyChecking accept-new
  HashKnownHosts no
  ControlPath {folder}/{name}.ssh
  ConnectTimeout 20
  ServerAliveInterval 10
  LogLevel ERROR
"""


class Key:
    """A key pair of this run, for the administrator of its nodes."""

    def __init__(self, site: Site) -> None:
        self.path = site.folder / "key"
        call("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "lab", "-f", str(self.path))
        self.public = self.path.with_suffix(".pub").read_text().strip()


class Ssh:
    """The way into one node; a host key that changed is refused, as a person's client would."""

    def __init__(
        self,
        site: Site,
        network: Network,
        *,
        name: str,
        address: str,
        key: Key,
        password: str = "",
    ) -> None:
        self._site, self._network, self._password = site, network, password
        self.name, self.address = name, address
        self.config: Path = site.folder / f"{name}.ssh_config"
        self.config.write_text(
            _CONFIG.format(name=name, address=address, user=USER, key=key.path, folder=site.folder)
        )
        self._master: Process | None = None

    def up(self) -> bool:
        """Connect, unless connected; False while nobody answers."""
        if self._alive():
            return True
        if not self._network.answers(self.address, 22):
            return False
        self.drop()
        command = ("ssh", "-F", str(self.config), "-M", "-N", self.name)
        self._master = self._network.start(*command, log=f"{self.name}.ssh.log")
        return self._settled()

    def drop(self) -> None:
        """Forget the connection: the node goes down."""
        if self._master is not None:
            self._master.end()
            self._master = None
        (self._site.folder / f"{self.name}.ssh").unlink(missing_ok=True)

    def forget(self) -> None:
        """The node is another one by now: it may have drawn itself other host keys."""
        self.drop()
        (self._site.folder / f"{self.name}.known").unlink(missing_ok=True)

    def run(self, command: str, *, stdin: str | None = None, within_s: float = 60) -> Said:
        """A shell command as the administrator."""
        ssh = ("ssh", "-F", str(self.config), "-T", self.name, command)
        return ask(*self._network.inside(*ssh), stdin=stdin, within_s=within_s)

    def check(self, command: str, *, stdin: str | None = None, within_s: float = 60) -> str:
        """What a shell command wrote; raises LabError when it fails."""
        said = self.run(command, stdin=stdin, within_s=within_s)
        if not said.ok:
            words = (said.stderr.strip() or said.stdout.strip())[-800:]
            raise LabError(f"{self.name}: {command[:100]}: status {said.returncode}: {words}")
        return said.stdout

    def root(self, *argv: str, stdin: str | None = None, within_s: float = 60) -> Said:
        """A program as root, through sudo without a password."""
        if self._password:
            self._waive_password()
        return self.run(f"sudo -n {shlex.join(argv)}", stdin=stdin, within_s=within_s)

    def testinfra(self) -> Any:
        """A testinfra host over the same connection, with sudo."""
        return testinfra.get_host(f"ssh://{self.name}", ssh_config=str(self.config), sudo=True)

    def _waive_password(self) -> None:
        """It is asked for once, since under emulation each time takes seconds."""
        waive = f"echo {shlex.quote(_WAIVED)} > {_WAIVER}"
        _ = self.check(f"sudo -Sp '' sh -c {shlex.quote(waive)}", stdin=f"{self._password}\n")
        self._password = ""

    def _alive(self) -> bool:
        if self._master is None or not self._master.running:
            return False
        check = ("ssh", "-F", str(self.config), "-O", "check", self.name)
        return ask(*check, within_s=10).ok

    def _settled(self) -> bool:
        """The connection stands once its control socket answers; a refusal ends the program."""
        master = self._master
        try:
            return (
                until(
                    lambda: self._alive() or (None if master and master.running else "ended"),
                    within_s=30,
                    what=f"SSH to {self.name}",
                )
                is True
            )
        except TooLate:
            return False
