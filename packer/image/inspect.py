"""The check after the clean-up: reads the finished disk offline and lists what it found."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.errors import CommandFailed
from agent.system.run import run
from packer.image.finish import root_partition
from packer.place import read_toml
from packer.tool import find

_FINDINGS = Path(__file__).with_name("findings.toml")


@dataclass(frozen=True)
class Finding:
    """One thing looked for, and whether the disk holds what it should."""

    path: str
    wanted: str
    good: bool


class Disk:
    """An ext4 root file system read through debugfs, without mounting it."""

    def __init__(self, disk: Path) -> None:
        self._name = f"{disk}?offset={root_partition(disk).offset}"
        self._program = find("debugfs", package="e2fsprogs")

    def _say(self, request: str) -> str:
        done = run(self._program, "-R", request, self._name)
        return done.stdout + done.stderr.partition("\n")[2]

    def kind(self, path: str) -> str:
        """regular, directory, symlink …, or nothing where there is none."""
        _, mark, rest = self._say(f'stat "{path}"').partition("Type: ")
        return rest.split()[0] if mark else ""

    def size(self, path: str) -> int:
        _, _, rest = self._say(f'stat "{path}"').partition("Size: ")
        return int(rest.split()[0])

    def link(self, path: str) -> str:
        _, _, rest = self._say(f'stat "{path}"').partition('Fast link dest: "')
        return rest.partition('"')[0]

    def names(self, folder: str) -> tuple[str, ...]:
        rows = [line.split("/") for line in self._say(f'ls -p "{folder}"').splitlines()]
        names = [row[5] for row in rows if len(row) > 5]
        return tuple(name for name in names if name not in {".", "..", ""})

    def copy_out(self, path: str, target: Path) -> None:
        _ = self._say(f'dump "{path}" "{target}"')

    def lines(self, path: str) -> tuple[str, ...]:
        return tuple(self._say(f'cat "{path}"').splitlines())


def inspect(disk: Path) -> tuple[Finding, ...]:
    """Everything of findings.toml, looked for on `disk`."""
    reader = Disk(disk)
    return tuple(_all(reader, read_toml(_FINDINGS)))


def _all(disk: Disk, table: dict[str, Any]) -> Iterable[Finding]:
    for path in table["absent"]:
        yield Finding(path, "absent", not disk.kind(path))
    for path in table["present"]:
        yield Finding(path, "present", bool(disk.kind(path)))
    for path in table["empty_files"]:
        yield Finding(path, "empty", disk.kind(path) == "regular" and disk.size(path) == 0)
    for path in table["empty_folders"]:
        yield Finding(
            path, "an empty folder", disk.kind(path) == "directory" and not disk.names(path)
        )
    for path, begin in table["without"].items():
        bad = any(name.startswith(begin) for name in disk.names(path))
        yield Finding(path, f"without {begin}…", not bad)
    for path, names in table["only"].items():
        yield Finding(path, f"only {', '.join(names)}", sorted(disk.names(path)) == sorted(names))
    for path, begin in table["no_line"].items():
        bad = any(line.startswith(begin) for line in disk.lines(path))
        yield Finding(path, f"no line {begin}…", not bad)
    for path in table["masked"]["units"]:
        yield Finding(path, "masked", disk.link(path) == "/dev/null")


def as_text(findings: Iterable[Finding]) -> str:
    return "".join(
        f"{'ok ' if found.good else 'BAD'}  {found.path}: {found.wanted}\n" for found in findings
    )


def refuse_bad(findings: Iterable[Finding]) -> None:
    """Raises CommandFailed that lists what is not as it should be."""
    bad = [f"{found.path} should be: {found.wanted}" for found in findings if not found.good]
    if bad:
        raise CommandFailed("the finished disk is not clean: " + "; ".join(bad))
