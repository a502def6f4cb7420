"""What one run of the lab makes outside its own process, and the promise to take it away.

Everything carries the run's name, `bs<pid>-<n>`: network namespaces, control groups, its folder.
Processes die with the run even when it is killed (parent-death signal); what a killed run could
not take away itself is swept by the next one, which sees that the owner is dead.
"""

from __future__ import annotations

import atexit
import contextlib
import itertools
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any, Self

from tests.lab.call import LabError, ask, call
from tests.lab.wait import until

ROOT = Path("/var/tmp/bandstand-lab")
CGROUPS = ("/sys/fs/cgroup", "/sys/fs/cgroup/unified")
_NETNS = Path("/run/netns")
_NAME = re.compile(r"^bs(\d+)-\d+")
_END_S = 10
_GROUP_S = 5
_numbers = itertools.count(1)


class Site:
    """One run: its name, its folder, and what is taken away at its end, newest first."""

    def __init__(self) -> None:
        if os.geteuid() != 0:
            raise LabError("the lab makes network namespaces and guests: run it as root")
        _heed_signals()
        sweep()
        self.name = f"bs{os.getpid()}-{next(_numbers)}"
        self.folder = ROOT / self.name
        self._undo = contextlib.ExitStack()
        self.folder.mkdir(parents=True)
        (self.folder / "owner").write_text(f"{os.getpid()} {_born(os.getpid())}\n")
        self.later(lambda: shutil.rmtree(self.folder, ignore_errors=True))
        atexit.register(self.close)

    def later(self, act: Callable[[], object]) -> None:
        """To be done at the end, before everything that was asked earlier."""
        self._undo.callback(act)

    def start(self, *argv: str, log: str, environment: dict[str, str] | None = None) -> Process:
        """A program that runs beside us, writes to `log` in the folder, and ends with us."""
        path = self.folder / log
        with path.open("ab") as out:
            popen = subprocess.Popen(
                ("setpriv", "--pdeathsig", "KILL", *argv),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                env={**os.environ, "LC_ALL": "C", **(environment or {})},
            )
        process = Process(popen, path, argv[0])
        self.later(process.end)
        return process

    def namespace(self, suffix: str = "") -> str:
        """A network namespace of this run."""
        name = self.name + suffix
        call("ip", "netns", "add", name)
        self.later(lambda: remove_network(name))
        call("ip", "-n", name, "link", "set", "lo", "up")
        return name

    def close(self) -> None:
        """Take everything away; a second signal does not stop this."""
        atexit.unregister(self.close)
        before = _deaf()
        try:
            self._undo.close()
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class Process:
    """A program of the run, and where it writes."""

    def __init__(self, popen: subprocess.Popen[bytes], log: Path, name: str) -> None:
        self._popen = popen
        self.log = log
        self.name = name

    @property
    def pid(self) -> int:
        return self._popen.pid

    @property
    def running(self) -> bool:
        return self._popen.poll() is None

    def words(self, last: int = 2000) -> str:
        return self.log.read_text(errors="replace")[-last:] if self.log.exists() else ""

    def wait(self, within_s: float) -> int:
        """Its exit code; raises LabError when it runs on."""
        try:
            return self._popen.wait(within_s)
        except subprocess.TimeoutExpired as error:
            raise LabError(f"{self.name} did not end within {within_s:g} s") from error

    def end(self, first: int = signal.SIGTERM) -> None:
        """Ask it to end, and make it end when it does not."""
        for number in (first, signal.SIGKILL):
            if not self.running:
                return
            self._popen.send_signal(number)
            with contextlib.suppress(LabError):
                self.wait(_END_S)


def as_root() -> None:
    """Begin this program again through sudo, unless it is root's already."""
    if os.geteuid() == 0 or shutil.which("sudo") is None:
        return
    keep = ("--preserve-env=BANDSTAND_ACCEL,BANDSTAND_OVA,BANDSTAND_TREE,XDG_CACHE_HOME",)
    os.execvp("sudo", ("sudo", *keep, *sys.orig_argv))


def sweep() -> list[str]:
    """Take away what runs left that were killed; the names of those runs."""
    left = sorted({name for name in _names() if _dead(name)})
    for name in left:
        for netns in _of(name, _NETNS):
            remove_network(netns.name)
        for group in (path for top in CGROUPS for path in _of(name, Path(top))):
            remove_group(group)
        shutil.rmtree(ROOT / name, ignore_errors=True)
    return left


def remove_network(netns: str) -> None:
    """End what still runs in a network namespace, and remove it."""
    for pid in ask("ip", "netns", "pids", netns).stdout.split():
        with contextlib.suppress(ProcessLookupError):
            os.kill(int(pid), signal.SIGKILL)
    _ = ask("ip", "netns", "del", netns)


def remove_group(group: Path) -> None:
    """End what still runs in a control group, and remove it with those beneath it."""
    if not group.is_dir():
        return
    with contextlib.suppress(OSError):
        (group / "cgroup.kill").write_text("1")
    with contextlib.suppress(LabError):
        until(lambda: _emptied(group), within_s=_GROUP_S, what=f"the end of {group.name}")


def _emptied(group: Path) -> bool:
    beneath = sorted((path for path in group.rglob("*") if path.is_dir()), reverse=True)
    for folder in (*beneath, group):
        with contextlib.suppress(OSError):
            folder.rmdir()
    return not group.is_dir()


def _of(name: str, place: Path) -> list[Path]:
    return [path for path in _listed(place) if f"{path.name}-".startswith(f"{name}-")]


def _names() -> list[str]:
    places = (ROOT, _NETNS, *(Path(top) for top in CGROUPS))
    found = (_NAME.match(path.name) for place in places for path in _listed(place))
    return [match.group(0) for match in found if match]


def _listed(place: Path) -> list[Path]:
    return list(place.iterdir()) if place.is_dir() else []


def _dead(name: str) -> bool:
    """True when the owner is gone, or its number has gone to another process."""
    match = _NAME.match(name)
    pid = int(match.group(1)) if match else 0
    born = _born(pid)
    owner = ROOT / name / "owner"
    if not born or not owner.exists():
        return not born
    return owner.read_text().split() != [str(pid), born]


def _born(pid: int) -> str:
    """When a process started, in the kernel's ticks; empty when there is none."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return ""
    return stat.rpartition(")")[2].split()[19]


_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def _heed_signals() -> None:
    """Every polite end unwinds the run as Ctrl-C does."""
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, _interrupt)


def _interrupt(number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt(f"signal {number}")


def _deaf() -> dict[int, Any]:
    if threading.current_thread() is not threading.main_thread():
        return {}
    return {number: signal.signal(number, signal.SIG_IGN) for number in _SIGNALS}
