"""The SSH server: listening or not, and for whom."""

from __future__ import annotations

from agent.node.plan import NodePlan
from agent.system import systemd
from agent.system.former import Former
from agent.system.host import Host

SSHD_FILE = "/etc/ssh/sshd_config.d/10-bandstand.conf"
_UNIT, _SOCKET = "ssh.service", "ssh.socket"


class SshStep:
    """sshd's own test of its configuration is part of the unit's start and reload."""

    def __init__(self, plan: NodePlan, host: Host) -> None:
        self._plan, self._host = plan, host
        self._former = Former(host.files)
        self._was_on = False
        self._is_done = False

    def holds(self) -> bool:
        files = self._host.files
        kept = files.read(SSHD_FILE) == self._plan.sshd
        return kept and systemd.is_enabled(files, _UNIT) is self._plan.has_ssh

    def act(self) -> None:
        self._was_on = systemd.is_enabled(self._host.files, _UNIT)
        self._is_done = True
        changed = self._former.write(SSHD_FILE, self._plan.sshd)
        if self._plan.has_ssh:
            self._on(changed=changed)
        else:
            self._off()

    def undo(self) -> None:
        if not self._is_done:
            return
        self._former.restore()
        if self._was_on:
            self._on(changed=True)
        else:
            self._off()
        self._is_done = False

    def _on(self, *, changed: bool) -> None:
        _ = systemd.enable(self._host.files, _UNIT)
        if changed or not systemd.runs(self._host.files, _UNIT):
            _ = self._host.run("systemctl", "--no-block", "reload-or-restart", _UNIT)

    def _off(self) -> None:
        files = self._host.files
        _ = systemd.disable(files, _UNIT)
        _ = systemd.disable(files, _SOCKET, wanted_by="sockets.target")
        up = [unit for unit in (_UNIT, _SOCKET) if systemd.runs(files, unit)]
        if up:
            _ = systemd.stop(self._host.run, *up)
