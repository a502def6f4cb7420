"""The image's own Python, with the distribution's pytest laid over it; the image stays as it is.

The overlay that holds such additions is kept in the user's cache, by the image's list of packages.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

from tests.lab.call import LabError, Said, ask
from tests.lab.site import Site

REPOSITORY = Path(__file__).parents[2]
_TOOLS = ("python3-pytest", "python3-hypothesis", "python3-pyte", "python3-httpx")
_INSTALL_S = 300
_INSIDE = """
set -e
mount --make-rprivate /
mount -t overlay overlay -o "lowerdir=$LOWER,upperdir=$UPPER,workdir=$WORK" "$ROOT"
mount -t proc proc "$ROOT/proc"
mount --rbind /dev "$ROOT/dev"
mkdir -p "$ROOT/srv/repository"
mount --bind "$REPOSITORY" "$ROOT/srv/repository"
mount -o remount,bind,ro "$ROOT/srv/repository"
exec chroot "$ROOT" "$@"
"""
_APT = """
set -e
rm -f /etc/resolv.conf
printf '%s' "$RESOLV" > /etc/resolv.conf
apt-get update -q
apt-get install -q -y --no-install-recommends "$@"
apt-get clean
rm -rf /var/lib/apt/lists/*
"""


def pytest(site: Site, tree: Path, *arguments: str, within_s: float) -> Said:
    """Run the repository's tests in the image, which sees the repository read-only."""
    over = with_packages(tree, "pytest", _TOOLS)
    quiet = ("-p", "no:cacheprovider")
    command = ("sh", "-c", 'cd /srv/repository && exec "$@"', "sh", "python3", "-m", "pytest")
    scratch = site.folder / "image-python"
    return chroot((over, tree), scratch, *command, *quiet, *arguments, within_s=within_s)


def with_packages(tree: Path, name: str, packages: tuple[str, ...]) -> Path:
    """The layer that adds them to the tree, made once for one list of packages."""
    listed = (tree / "var/lib/dpkg/status").read_bytes()
    key = hashlib.sha256(listed + " ".join(packages).encode()).hexdigest()[:16]
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "bandstand"
    layer = cache / f"image-{name}-{key}"
    if layer.is_dir():
        return layer
    scratch = cache / f"image-{name}-{key}.{os.getpid()}"
    install = ("sh", "-c", _APT, "sh", *packages)
    said = chroot((tree,), scratch, *install, within_s=_INSTALL_S)
    if not said.ok:
        shutil.rmtree(scratch, ignore_errors=True)
        raise LabError(f"{name} does not go into the image: {said.stdout}{said.stderr}")
    (scratch / "upper").rename(layer)
    shutil.rmtree(scratch, ignore_errors=True)
    return layer


def chroot(lowers: tuple[Path, ...], scratch: Path, *argv: str, within_s: float) -> Said:
    """Run a program in the merged lowers; what it writes stays in `scratch`/upper."""
    for part in ("upper", "work", "root"):
        (scratch / part).mkdir(parents=True, exist_ok=True)
    environment = {
        "LOWER": ":".join(str(path) for path in lowers),
        "UPPER": str(scratch / "upper"),
        "WORK": str(scratch / "work"),
        "ROOT": str(scratch / "root"),
        "REPOSITORY": str(REPOSITORY),
        "RESOLV": Path("/etc/resolv.conf").read_text(),
        "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
        "PYTHONDONTWRITEBYTECODE": "1",
        "DEBIAN_FRONTEND": "noninteractive",
    }
    words = (f"{key}={value}" for key, value in environment.items())
    private = ("unshare", "--mount", "--propagation", "private")
    return ask("env", "-i", *words, *private, "sh", "-c", _INSIDE, "sh", *argv, within_s=within_s)
