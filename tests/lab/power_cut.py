"""A disk as it is after the power went: at any moment of a boot whose writes were logged.

image (all that is safe)  <-  overlay (what of the rest reached the disk, and what comes next)

The image is brought forward through the log, so cuts come in rising order.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.lab import write_log
from tests.lab.call import ask, call
from tests.lab.site import Site
from tests.lab.wait import until
from tests.lab.write_log import SECTOR, Entry

_VIEW_S = 30
_CORRECTED = 1


class CutDisk:
    """`image` is raw and ours to write to: what the guest began with."""

    def __init__(self, site: Site, image: Path, log: Path) -> None:
        self._site, self.image, self._log = site, image, log
        self.entries: Sequence[Entry] = write_log.read(log)
        self._safe = 0

    @contextmanager
    def cut(self, after: int, chance: random.Random) -> Iterator[Path]:
        """A qcow2 disk as it is when the power goes after so many entries."""
        self._bring_to(write_log.last_flush(self.entries, after))
        overlay = self.image.with_suffix(".qcow2")
        shape = ("-f", "qcow2", "-F", "raw", "-b", str(self.image))
        call("qemu-img", "create", "-q", *shape, str(overlay))
        with seen(self._site, overlay) as view:
            self._put(write_log.kept(self.entries[self._safe : after], chance), view)
        yield overlay
        overlay.unlink()

    def _bring_to(self, safe: int) -> None:
        if safe < self._safe:
            raise ValueError(f"the image is at entry {self._safe} by now; asked is {safe}")
        writes = (entry for entry in self.entries[self._safe : safe] if entry.is_write)
        self._put(((entry, entry.length) for entry in writes), self.image)
        self._safe = safe

    def _put(self, heads: Iterator[tuple[Entry, int]], disk: Path) -> None:
        with self._log.open("rb") as log, disk.open("r+b", buffering=0) as stream:
            for entry, length in heads:
                _ = log.seek(entry.data)
                _ = stream.seek(entry.offset)
                _ = stream.write(log.read(length))


@contextmanager
def seen(site: Site, overlay: Path, *, offset: int = 0) -> Iterator[Path]:
    """A qcow2 disk, from an offset on, as a raw file for programs that know no qcow2.

    Writes go to the overlay. (e2fsck forgets an offset of its own once it replayed a journal.)
    """
    view = overlay.with_suffix(".view")
    view.write_bytes(b"")
    server = site.start(
        "qemu-storage-daemon",
        *("--blockdev", f"driver=qcow2,node-name=d0,file.driver=file,file.filename={overlay}"),
        *("--blockdev", f"driver=raw,node-name=part,file=d0,offset={offset}"),
        *("--export", f"type=fuse,id=e0,node-name=part,mountpoint={view},writable=on"),
        log="qemu-storage-daemon.log",
    )
    try:
        until(lambda: view.stat().st_size > 0, within_s=_VIEW_S, what="a raw view", pause_s=0.01)
        yield view
    finally:
        server.end()


def root_offset(image: Path) -> int:
    """Where the last partition begins, in bytes."""
    table = json.loads(call("sfdisk", "--json", str(image)))["partitiontable"]
    return int(table["partitions"][-1]["start"]) * SECTOR


class FileSystem:
    """An ext4 file system, as a node that starts would find it."""

    def __init__(self, view: Path) -> None:
        self._name = str(view)

    def recover(self) -> str:
        """Replay its journal, as the boot does, then look at all of it; blank when it is clean."""
        said = ask("e2fsck", "-p", "-E", "journal_only", self._name)
        if said.returncode > _CORRECTED:
            return said.stdout + said.stderr
        said = ask("e2fsck", "-f", "-n", self._name)
        return "" if said.ok else said.stdout + said.stderr

    def copy(self, folders: Sequence[str], target: Path) -> None:
        """Folders and all in them, for a look; those that are not there are left out."""
        for folder in folders:
            (target / folder.lstrip("/")).parent.mkdir(parents=True, exist_ok=True)
        requests = [f"rdump {one} {(target / one.lstrip('/')).parent}\n" for one in folders]
        commands = target / "requests"
        commands.write_text("".join(requests))
        _ = ask("debugfs", "-f", str(commands), self._name)
        commands.unlink()
