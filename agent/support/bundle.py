"""The bundle: one archive with a list of contents first, for root's eyes, without secrets.

It is made from what lies on this node alone, so it can be had before there is a network.
"""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator
from pathlib import PurePosixPath

from agent.errors import NotNow, StepFailed, UsageError
from agent.settings.secret import MASK
from agent.support.parts import parts
from agent.support.redact import Redactor, known
from agent.system.clock import stamp
from agent.system.host import Host
from agent.typed import NamedTuple

FOLDER = "/var/lib/bandstand/support"
LIMIT_BYTES = 64 << 20

# Left for the node itself when the largest bundle is written.
_RESERVE_BYTES = 16 << 20
_KEPT = 3
_BLOCK = tarfile.BLOCKSIZE
_MIB = 1 << 20
_CONTENTS = "contents.txt"
# The list of contents, the archive's end, and what gzip adds to data that it cannot pack.
_BESIDES_BYTES = 32 << 10


class Row(NamedTuple):
    """A file of the bundle as the list of contents has it."""

    name: str
    about: str
    text: bytes
    left_out: int = 0

    def line(self) -> str:
        cut = f"  (its first {self.left_out} bytes found no room)" if self.left_out else ""
        return f"{len(self.text):>10}  {self.name}  {self.about}{cut}".rstrip()


class Made(NamedTuple):
    """Where it lies, how large it is, and what is in it."""

    file: str
    size: int
    contents: tuple[str, ...]

    def as_json(self) -> dict[str, object]:
        return {"file": self.file, "bytes": self.size, "contents": list(self.contents)}


def make(host: Host, file: str = "", *, limit_bytes: int = LIMIT_BYTES) -> Made:
    """Write it to `file`, else to a new one in FOLDER, where the last few are kept.

    Raises UsageError for a place that is none, NotNow where the disk has no room.
    """
    name = f"bandstand-support-{stamp(host.clock.now()).replace(':', '')}"
    target = file or f"{FOLDER}/{name}.tar.gz"
    if not file:
        host.files.make_folder(FOLDER, mode=0o700)
    _check_place(host, target)
    _check_room(host, target, limit_bytes)
    rows = tuple(_gathered(host, limit_bytes))
    data = _packed(name, (_contents(host, rows), *rows), int(host.clock.now().timestamp()))
    try:
        _ = host.files.write(target, data, mode=0o600)
    except OSError as error:
        raise StepFailed(f"the bundle could not be written: {error}") from error
    if not file:
        _prune(host)
    return Made(target, len(data), tuple(row.name for row in rows))


def _check_place(host: Host, target: str) -> None:
    """Renaming puts the bundle in the place of whatever is there, were it a device."""
    path = host.files.path(target)
    if not path.parent.is_dir():
        raise UsageError(f"there is no folder {PurePosixPath(target).parent}")
    if path.is_symlink() or (path.exists() and not path.is_file()):
        raise UsageError(f"{target} is there, and is no file", hint="name a new file")


def _check_room(host: Host, target: str, limit_bytes: int) -> None:
    folder = str(PurePosixPath(target).parent)
    free = host.files.free_bytes(folder)
    wanted = limit_bytes + _RESERVE_BYTES
    if free < wanted:
        raise NotNow(
            f"the disk of {folder} has {free // _MIB} MiB free; "
            f"a bundle wants {-(-wanted // _MIB)}, of which the node keeps some",
            hint="name a file on another disk, or free some room: df -h shows the disks",
            code="no-room",
        )


def _gathered(host: Host, limit_bytes: int) -> Iterator[Row]:
    """What has no room any more is cut from its front: the end of a log is the news."""
    redactor = Redactor(known(host.files))
    left = limit_bytes - _BESIDES_BYTES
    for part in parts(host):
        try:
            whole = part.gather(host, redactor).encode(errors="replace")
        except OSError as error:
            whole = f"cannot be read: {error.strerror}\n".encode()
        room = max(0, min(part.most_bytes, left - 2 * _BLOCK) // _BLOCK * _BLOCK)
        kept = whole[-room:] if room else b""
        yield Row(part.name, part.about, kept, len(whole) - len(kept))
        left -= _BLOCK + -(-len(kept) // _BLOCK) * _BLOCK


def _contents(host: Host, rows: tuple[Row, ...]) -> Row:
    head = (
        f"Bandstand support bundle, made {stamp(host.clock.now())}",
        f"Secrets are masked: {MASK}",
        "Names and addresses of the network are not: look through it before it leaves the house.",
        "",
        "     bytes  file  what it is",
    )
    text = "\n".join((*head, *(row.line() for row in rows))) + "\n"
    return Row(_CONTENTS, "", text.encode())


def _packed(folder: str, rows: tuple[Row, ...], moment: int) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as archive:
        for row in rows:
            entry = tarfile.TarInfo(f"{folder}/{row.name}")
            entry.size, entry.mtime, entry.mode = len(row.text), moment, 0o600
            archive.addfile(entry, io.BytesIO(row.text))
    return stream.getvalue()


def _prune(host: Host) -> None:
    for name in host.files.names(FOLDER, "bandstand-support-*.tar.gz")[:-_KEPT]:
        _ = host.files.remove(name)
