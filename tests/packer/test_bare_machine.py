"""Set-up on machines with make, a Python and nothing else: bare trees of Debian 12 and 13."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
_CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
_ACCOUNT = "developer"
_ADMINISTRATOR = "/usr/sbin:/usr/bin:/sbin:/bin"
# A clone that is its own, terminals, and nothing that outlives it.
_ENTER = """
mkdir -p "$1/dev/pts"
mount -t devpts -o ptmxmode=0666 devpts "$1/dev/pts"
ln -sf pts/ptmx "$1/dev/ptmx"
machine=$1 account=$2 path=$3
shift 3
exec chroot --userspec="$account" "$machine" env PATH="$path" "$@"
"""
# What building and testing start, beside what every Debian has.
_PROGRAMS = (
    "blkid debugfs dnsmasq e2fsck fallocate git ip mke2fs mkfs.vfat mmdebstrap nft nginx nsenter"
    " loadkeys openssl psql qemu-img qemu-system-x86_64 script setpriv sfdisk ssh ssh-keygen"
    " systemd-analyze systemd-nspawn tc unshare vmdkinfo xorriso"
)
# Each of these needs its boot ROM beside the program.
_DEVICES = ("e1000-82545em", "e1000e", "vmxnet3", "pvscsi", "mptsas1068", "virtio-net-pci", "VGA")
# Set-up is killed as soon as there is one of these, and begun again: every step more than once.
_MOMENTS = {
    "apt reads its lists": "var/lib/apt/lists/partial/*",
    "apt fetches": "var/cache/apt/archives/partial/*.deb",
    "dpkg unpacks": "var/lib/dpkg/info/git.list",
    "dpkg configures": "etc/ssl/certs/ca-certificates.crt",
    "the environment is begun": "source/.venv/bin/python",
    "pip is half way": "source/.venv/lib/python3*/site-packages/mypy",
    "Go is half way": "source/.venv/lib/python3*/site-packages/go/src",
    "Go builds": "home/developer/.cache/go-build/0*",
    "the first program is there": "home/developer/.cache/bandstand/.tools-*/packer-plugin-qemu",
}

pytestmark = [
    pytest.mark.soak,
    pytest.mark.skipif(os.geteuid() != 0, reason="makes and enters a root tree: needs root"),
]


@dataclass(frozen=True)
class Bare:
    """A tree with a clone of this repository, which trusts what this machine trusts."""

    tree: Path

    def start(self, *argv: str, account: str = "root") -> subprocess.Popen[str]:
        path = _ADMINISTRATOR if account == "root" else "/usr/bin:/bin"
        environment = {
            "HOME": f"/home/{_ACCOUNT}",
            "PATH": _ADMINISTRATOR,
            **dict.fromkeys(("PIP_CERT", "SSL_CERT_FILE"), "/certificates.crt"),
            **{key: value for key, value in os.environ.items() if key.lower().endswith("_proxy")},
        }
        return subprocess.Popen(
            ["unshare", "--mount", "--pid", "--fork", "--kill-child",
             f"--mount-proc={self.tree}/proc", "sh", "-ec", _ENTER, "sh", str(self.tree), account,
             path, *argv],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )  # fmt: skip

    def run(self, *argv: str, account: str = "root", within_s: float = 1200) -> str:
        """What it said; it must end well."""
        with self.start(*argv, account=account) as process:
            try:
                said, _ = process.communicate(timeout=within_s)
            except subprocess.TimeoutExpired:
                process.kill()
                raise
        assert process.returncode == 0, said[-8000:]
        return said

    def make(self, target: str, *, account: str = "root") -> str:
        return self.run("make", "-C", "/source", target, account=account)

    def there(self, pattern: str) -> bool:
        return next(self.tree.glob(pattern), None) is not None

    def errors(self) -> str:
        """What the log calls one, with what stands around it."""
        lines = (self.tree / "source/build/log/setup.log").read_text().splitlines()
        found = [place for place, line in enumerate(lines) if "error" in line.lower()]
        return "\n".join(line for place in found[:20] for line in lines[place - 2 : place + 3])

    def killed_once_there(self, target: str, pattern: str, *, account: str) -> None:
        """Begin a target, and kill all of it when the file is there."""
        assert not self.there(pattern), f"{pattern} is there too soon"
        with self.start("make", "-C", "/source", target, account=account) as process:
            while not self.there(pattern):
                if process.poll() is not None:
                    said = process.stdout.read() if process.stdout else ""
                    words = f"{said[-4000:]}\n{self.errors()}"
                    pytest.fail(f"it ended before {pattern} was there:\n{words}")
                time.sleep(0.02)
            _kill_all_of_it(process)


def _kill_all_of_it(process: subprocess.Popen[str]) -> None:
    """The first process of the machine is killed; unshare ends when nothing of it is left."""
    first = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    os.kill(int(first[0]), signal.SIGKILL)
    _ = process.wait(timeout=60)


@pytest.fixture(params=["bookworm", "trixie"])
def bare(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bare]:
    tree = tmp_path / "machine"
    _ = subprocess.run(
        ["mmdebstrap", "--quiet", "--mode=root", "--variant=minbase", "--format=directory",
         "--include=make,python3,mawk,sudo", str(request.param), str(tree)],
        check=True,
    )  # fmt: skip
    _ = subprocess.run(["git", "clone", "-q", str(REPOSITORY), str(tree / "source")], check=True)
    _ = shutil.copy("/etc/resolv.conf", tree / "etc/resolv.conf")
    _ = shutil.copy(_CERTIFICATES, tree / "certificates.crt")
    assert not list((tree / "var/lib/apt/lists").glob("*_Packages*"))
    yield Bare(tree)
    _ = subprocess.run(["rm", "-rf", "--one-file-system", str(tree)], check=True)


@pytest.fixture
def account(bare: Bare) -> str:
    """Somebody who is not root and has sudo."""
    _ = bare.run("useradd", "--create-home", _ACCOUNT)
    _ = bare.run("chown", "-R", f"{_ACCOUNT}:{_ACCOUNT}", "/source")
    rule = bare.tree / f"etc/sudoers.d/{_ACCOUNT}"
    rule.write_text(f"{_ACCOUNT} ALL=(ALL) NOPASSWD: ALL\n")
    rule.chmod(0o440)
    return _ACCOUNT


def test_set_up_does_all_of_it_and_then_nothing(bare: Bare) -> None:
    first = bare.make("setup")
    assert "virtual environment" in first
    assert "Packer and its plugin" in first
    _nothing_left_to_do(bare, "root")
    lacking = f"for one in {_PROGRAMS}; do command -v $one >/dev/null || echo $one; done"
    assert not bare.run("sh", "-c", lacking)
    _devices_are_there(bare)
    _ = bare.make("check")


def test_killed_at_any_moment_it_goes_on(bare: Bare, account: str) -> None:
    for pattern in _MOMENTS.values():
        bare.killed_once_there("setup", pattern, account=account)
    _ = bare.make("setup", account=account)
    _nothing_left_to_do(bare, account)
    _ = bare.run("/source/.venv/bin/pip", "check", account=account)


def _nothing_left_to_do(bare: Bare, account: str) -> None:
    assert "…" not in bare.make("setup", account=account)
    assert not bare.run("dpkg", "--audit")
    assert not bare.there("usr/sbin/policy-rc.d")
    packer = next(bare.tree.glob(f"home/{_ACCOUNT}/.cache/bandstand/tools-*/packer"))
    said = bare.run(f"/{packer.relative_to(bare.tree)}", "version", account=account)
    assert said.startswith("Packer v1.")


def _devices_are_there(bare: Bare) -> None:
    devices = [word for name in _DEVICES for word in ("-device", name)]
    command = ("qemu-system-x86_64", "-machine", "q35", "-nodefaults", "-display", "none", *devices)
    _ = bare.run("sh", "-c", 'echo quit | "$@" -S -monitor stdio', "sh", *command)
