"""The local trail of who asked for what and how it ended; never the values, which may be secret."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from agent.system.clock import stamp
from agent.system.host import Host

TRAIL = "/var/log/bandstand/audit.jsonl"

_LARGEST_BYTES = 4 << 20

log = logging.getLogger("bandstand.audit")


@dataclass(frozen=True)
class Deed:
    """`who` asked through `face`; `about` says on what, `ended` is "done" or an error's code."""

    who: str
    face: str
    verb: str
    ended: str
    about: Mapping[str, str] = field(default_factory=dict[str, str])


def record(host: Host, deed: Deed) -> None:
    """Append one line, on disk before this returns; the same goes to the unit's journal."""
    row = {
        "time": stamp(host.clock.now()),
        "who": deed.who,
        "face": deed.face,
        "verb": deed.verb,
        "about": dict(deed.about),
        "ended": deed.ended,
    }
    line = json.dumps(row)
    log.info("audit %s", line)
    target = host.files.path(TRAIL)
    target.parent.mkdir(parents=True, exist_ok=True)
    _turn_over(target)
    _append(target, line + "\n")


def _turn_over(target: Path) -> None:
    """One old file is kept, so that the trail cannot fill the disk."""
    if target.exists() and target.stat().st_size > _LARGEST_BYTES:
        _ = target.replace(target.with_suffix(".1.jsonl"))


def _append(target: Path, line: str) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW
    handle = os.open(target, flags, 0o640)
    try:
        _ = os.write(handle, line.encode())
        os.fsync(handle)
    finally:
        os.close(handle)
