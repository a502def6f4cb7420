"""The files that the image lays down as they are."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

from packer.base.packages import wanted

FOLDER = Path(__file__).parent / "files"
# By these udev names the network cards, in the initramfs too.
NAMING = (
    "etc/systemd/network/10-bandstand-ens32.link",
    "etc/systemd/network/11-bandstand-other.link",
    "etc/udev/rules.d/76-bandstand-ens32.rules",
)
_WANTED = "usr/share/bandstand/build/wanted.txt"


def pack(target: Path, *, excludes: Path) -> None:
    """One tar of them, owned by root, and what the provisioning reads."""
    with tarfile.open(target, "w") as tar:
        for path in sorted(FOLDER.rglob("*")):
            if path.is_file():
                mode = 0o755 if path.stat().st_mode & 0o100 else 0o644
                _add(tar, str(path.relative_to(FOLDER)), path.read_bytes(), mode=mode)
        _add(tar, _WANTED, "".join(f"{name}\n" for name in wanted()).encode())
        _add(tar, "etc/dpkg/dpkg.cfg.d/bandstand", excludes.read_bytes())


def _add(tar: tarfile.TarFile, name: str, content: bytes, *, mode: int = 0o644) -> None:
    member = tarfile.TarInfo(f"./{name}")
    member.size = len(content)
    member.mode = mode
    tar.addfile(member, io.BytesIO(content))
