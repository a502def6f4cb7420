"""A real nginx below a folder, on high ports of loopback, in systemd's place run by the test."""

from __future__ import annotations

import getpass
import shutil
import signal
import socket
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from agent.serving.plan import Layout
from agent.system import nginx
from agent.system.clock import Clock
from agent.system.files import Files
from agent.system.run import Completed, failed, run

PROGRAM = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
# What systemd keeps for each unit that is up.
_UP = f"/run/systemd/units/invocation:{nginx.UNIT}"


def free_port() -> int:
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        port: int = line.getsockname()[1]
        return port


class HastyClock(Clock):
    """Deadlines pass a hundred times as fast as the world moves."""

    def monotonic_s(self) -> float:
        return super().monotonic_s() * 100


@dataclass
class RealNginx:
    """Answers the commands that a stage gives; `deaf` makes it ignore reloads."""

    root: Path
    program: str
    layout: Layout = field(default_factory=Layout)
    calls: list[tuple[str, ...]] = field(default_factory=list[tuple[str, ...]])
    is_deaf: bool = False
    child: subprocess.Popen[bytes] | None = None

    def __post_init__(self) -> None:
        self.layout = Layout(free_port(), free_port(), getpass.getuser())
        for name in ("etc", "run/bandstand", "var/log/nginx", "var/lib/nginx", "proc/net"):
            (self.root / name).mkdir(parents=True)

    @property
    def files(self) -> Files:
        return Files(self.root)

    def __call__(
        self,
        *argv: str,
        check: bool = True,
        stdin: str | None = None,
        timeout_s: float = 60,
        environment: Mapping[str, str] | None = None,
    ) -> Completed:
        self.calls.append(argv)
        if argv[0] == "nginx":
            return run(self.program, *argv[1:], check=check)
        completed = Completed(argv, 0 if self._systemctl(argv[1:]) else 1, "", "")
        if check and not completed.ok:
            raise failed(completed)
        return completed

    def _systemctl(self, words: Sequence[str]) -> bool:
        assert words[-1] == nginx.UNIT
        match words[0]:
            case "stop":
                self.stop()
            case "reload-or-restart":
                self._reload_or_start()
            case _:
                raise AssertionError(words)
        return True

    @property
    def is_running(self) -> bool:
        return self.child is not None and self.child.poll() is None

    def _reload_or_start(self) -> None:
        if self.is_deaf:
            return
        if self.is_running and self.child is not None:
            self.child.send_signal(signal.SIGHUP)
            return
        config = str(self.files.path(nginx.CONFIG))
        self.child = subprocess.Popen([self.program, "-c", config, "-g", "daemon off;"])
        self.files.link(_UP, to="0" * 32)

    def stop(self) -> None:
        if self.child is not None:
            self.child.terminate()
            self.child.wait(timeout=10)
            self.child = None
        self.files.remove(_UP)
