"""Set-up on machines with make, a Python and nothing else: bare trees of Debian 12 and 13."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
_CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
_ENTER = """
mkdir -p "$1/dev/pts"
mount -t devpts -o ptmxmode=0666 devpts "$1/dev/pts"
ln -sf pts/ptmx "$1/dev/ptmx"
machine=$1
shift
exec chroot "$machine" make -C /source "$@"
"""

pytestmark = [
    pytest.mark.soak,
    pytest.mark.skipif(os.geteuid() != 0, reason="makes and enters a root tree: needs root"),
]


@pytest.fixture(params=["bookworm", "trixie"])
def machine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """A bare tree with a clone of this repository, which trusts what this machine trusts."""
    tree = tmp_path / "machine"
    _ = subprocess.run(
        ["mmdebstrap", "--quiet", "--mode=root", "--variant=minbase", "--format=directory",
         "--include=make,python3,mawk", str(request.param), str(tree)],
        check=True,
    )  # fmt: skip
    _ = subprocess.run(["git", "clone", "-q", str(REPOSITORY), str(tree / "source")], check=True)
    _ = shutil.copy("/etc/resolv.conf", tree / "etc/resolv.conf")
    _ = shutil.copy(_CERTIFICATES, tree / "certificates.crt")
    yield tree
    _ = subprocess.run(["rm", "-rf", "--one-file-system", str(tree)], check=True)


def _make(machine: Path, *targets: str, within_s: float = 1500) -> subprocess.CompletedProcess[str]:
    environment = {
        "HOME": "/home/developer",
        "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
        "PIP_CERT": "/certificates.crt",
        "SSL_CERT_FILE": "/certificates.crt",
        **{name: value for name, value in os.environ.items() if name.lower().endswith("_proxy")},
    }
    return subprocess.run(
        ["unshare", "--mount", "--pid", "--fork", "--kill-child", f"--mount-proc={machine}/proc",
         "sh", "-ec", _ENTER, "sh", str(machine), *targets],
        env=environment,
        capture_output=True,
        text=True,
        timeout=within_s,
        check=False,
    )  # fmt: skip


def test_set_up_does_all_of_it_and_then_nothing(machine: Path) -> None:
    first = _make(machine, "setup")
    assert first.returncode == 0, first.stdout + first.stderr
    assert "virtual environment" in first.stdout
    assert "Packer and its plugin" in first.stdout
    began = time.monotonic()
    second = _make(machine, "setup")
    assert second.returncode == 0, second.stdout + second.stderr
    assert "…" not in second.stdout
    assert time.monotonic() - began < 3
    packer = next((machine / "home/developer/.cache/bandstand").glob("tools-*/packer"))
    assert packer.is_file()
    tests = _make(machine, "test-unit", within_s=600)
    assert tests.returncode == 0, tests.stdout[-6000:] + tests.stderr[-2000:]


def test_interrupted_set_up_goes_on(machine: Path) -> None:
    with pytest.raises(subprocess.TimeoutExpired):
        _ = _make(machine, "environment", within_s=25)
    again = _make(machine, "environment")
    assert again.returncode == 0, again.stdout + again.stderr
