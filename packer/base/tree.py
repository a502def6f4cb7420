"""The root tree of the base disk, out of Debian's packages."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from packer.base.layout import Identity, fstab
from packer.base.packages import wanted
from packer.tool import find, logged, privileged

SUITE = "trixie"
_HERE = Path(__file__).parent
SOURCES = _HERE / "debian.sources"
EXCLUDES = _HERE / "dpkg-excludes.cfg"
SETTLE = _HERE / "settle.sh"


def make_tree(tree: Path, identity: Identity, *, naming: Mapping[str, Path], log: Path) -> None:
    """Install the packages into `tree`, and make it one that lets the build in.

    `naming` are the files, by where they go, that name the network cards: they are there before the
    initramfs that carries them is made.
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
            *_laid(naming),
            f"--customize-hook=copy-in {table} /etc",
            f'--customize-hook=sh {SETTLE} "$1"',
            *(SUITE, str(tree), str(SOURCES)),
        ),
        log=log,
    )
    for done in (options, table):
        done.unlink()


def _laid(files: Mapping[str, Path]) -> list[str]:
    """Hooks of mmdebstrap that run once the essential packages are there."""
    folders = [str(PurePosixPath(name).parent) for name in files]
    made = " ".join(f'"$1{folder}"' for folder in sorted(set(folders)))
    copied = zip(files.values(), folders, strict=True)
    return [
        f"--essential-hook=mkdir -p {made}",
        *(f"--essential-hook=copy-in {file} {folder}" for file, folder in copied),
    ]
