"""Our own Debian package out of agent/, firstboot/ and templates/ as they stand."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from packer.place import ROOT, read_toml
from packer.steps import digest, remove_tree, sources
from packer.tool import find, logged

_HERE = Path(__file__).parent
_CODE = ("agent", "firstboot")
_LIBRARY = "usr/lib/bandstand"
# Every file gets the same time, so that equal sources give equal packages.
_MOMENT = 1_700_000_000
# Python's `site` does no more for these programs than to add the last folder, and takes longer.
_LAUNCHER = """\
#!/usr/bin/python3 -IS
import sys

sys.path += ["/usr/lib/bandstand", "/usr/lib/python3/dist-packages"]
from {module} import main

sys.exit(main())
"""


def key(version: str) -> str:
    """The hash of everything that goes into the package."""
    return digest(version, *(ROOT / name for name in _CODE), ROOT / "templates", _HERE)


def make_deb(folder: Path, version: str, *, log: Path) -> Path:
    """Write bandstand_VERSION_all.deb into `folder`; returns its path."""
    stage = folder / "stage"
    _lay_down(stage)
    _write_control(stage, version)
    _even_out(stage)
    target = folder / f"bandstand_{version}_all.deb"
    program = find("dpkg-deb", package="dpkg")
    logged(
        *(program, "--root-owner-group", "-Zxz", "--build", str(stage), str(target)),
        log=log,
        environment={"SOURCE_DATE_EPOCH": str(_MOMENT)},
    )
    remove_tree(stage)
    return target


def depends() -> tuple[str, ...]:
    """The packages that our programs need at run time."""
    rows = read_toml(_HERE / "package.toml")["depends"]
    return tuple(rows)


def _lay_down(stage: Path) -> None:
    for name in _CODE:
        _copy(ROOT / name, stage / _LIBRARY / name)
    _copy(ROOT / "templates", stage / "usr/share/bandstand/templates")
    _copy(_HERE / "files", stage)
    _copy(_HERE / "units", stage / "usr/lib/systemd/system")
    _copy(_HERE / "copyright", stage / "usr/share/doc/bandstand/copyright")
    _write_launchers(stage)


def _write_launchers(stage: Path) -> None:
    folder = stage / _LIBRARY / "bin"
    folder.mkdir(parents=True)
    for name, module in read_toml(_HERE / "package.toml")["programs"].items():
        launcher = folder / name
        launcher.write_text(_LAUNCHER.format(module=module), encoding="utf-8")
        launcher.chmod(0o755)
    command = stage / "usr/bin/bandstand"
    command.parent.mkdir(parents=True, exist_ok=True)
    command.symlink_to("../lib/bandstand/bin/bandstand")


def _write_control(stage: Path, version: str) -> None:
    control = stage / "DEBIAN"
    control.mkdir()
    values = {"@VERSION@": version, "@DEPENDS@": ", ".join(depends())}
    for name, mode in (("control", 0o644), ("postinst", 0o755), ("prerm", 0o755)):
        text = (_HERE / name).read_text(encoding="utf-8")
        for mark, value in values.items():
            text = text.replace(mark, value)
        target = control / name
        target.write_text(text, encoding="utf-8")
        target.chmod(mode)


def _copy(source: Path, target: Path) -> None:
    for path in sources(source):
        place = target / path.relative_to(source) if source.is_dir() else target
        place.parent.mkdir(parents=True, exist_ok=True)
        _ = shutil.copyfile(path, place)
        place.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)


def _even_out(stage: Path) -> None:
    for path in (stage, *stage.rglob("*")):
        if path.is_dir():
            path.chmod(0o755)
        os.utime(path, (_MOMENT, _MOMENT), follow_symlinks=False)
