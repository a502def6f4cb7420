"""The root tree of the base disk, out of Debian's packages."""

from __future__ import annotations

from pathlib import Path

from packer.base.layout import Identity, fstab
from packer.base.packages import wanted
from packer.tool import find, logged, privileged

SUITE = "trixie"
_HERE = Path(__file__).parent
SOURCES = _HERE / "debian.sources"
EXCLUDES = _HERE / "dpkg-excludes.cfg"
SETTLE = _HERE / "settle.sh"


def make_tree(tree: Path, identity: Identity, *, link: Path, log: Path) -> None:
    """Install the packages into `tree`, and make it one that lets the build in.

    `link` names the network card; it goes in before the initramfs that carries it is made.
    """
    options = tree.with_name("dpkg.cfg")
    lines = EXCLUDES.read_text(encoding="utf-8").splitlines()
    options.write_text(
        "".join(f"{line}\n" for line in lines if not line.startswith("#")), encoding="utf-8"
    )
    table = tree.with_name("fstab")
    table.write_text(fstab(identity), encoding="utf-8")
    logged(
        *privileged(
            find("mmdebstrap", package="mmdebstrap"),
            *("--mode=root", "--variant=minbase", "--format=directory"),
            *('--aptopt=Acquire::Retries "5"', f"--dpkgopt={options}"),
            f"--include={','.join(wanted())}",
            '--essential-hook=mkdir -p "$1/etc/systemd/network"',
            f"--essential-hook=copy-in {link} /etc/systemd/network",
            f"--customize-hook=copy-in {table} /etc",
            f'--customize-hook=sh {SETTLE} "$1"',
            *(SUITE, str(tree), str(SOURCES)),
        ),
        log=log,
    )
    for done in (options, table):
        done.unlink()
