"""What is written down when the program broke: where, never what was typed."""

from __future__ import annotations

import traceback
from collections.abc import Iterable
from contextlib import suppress
from pathlib import PurePosixPath

from agent.digest import digest
from agent.system.clock import Clock, stamp
from agent.system.files import Files

FOLDER = "/var/lib/bandstand/console"

_LONGEST_ID = 8
_MOST_FRAMES = 40
# One that breaks again at once, for days, is not to fill the disk.
KEPT = 20


def report(error: BaseException, *, screen: str, clock: Clock) -> tuple[str, str]:
    """Its id, and the text: types, places in the code, the screen's name. Messages are left out,
    since they may hold what was typed.
    """
    lines = [
        f"time: {stamp(clock.now())}",
        f"screen: {screen}",
        *(line for one in _chain(error) for line in _told(one)),
    ]
    text = "\n".join(lines) + "\n"
    return digest(text.encode())[:_LONGEST_ID].upper(), text


def keep(files: Files, name: str, text: str) -> bool:
    """Whether it could be written; a full or closed disk keeps nobody from starting again."""
    try:
        _ = files.write(f"{FOLDER}/{name}.txt", text, mode=0o640)
    except OSError:
        return False
    with suppress(OSError):
        _prune(files)
    return True


def _prune(files: Files) -> None:
    """Of all but the newest; who is named by a digest is not sorted by it."""
    found = sorted(files.names(FOLDER, "*.txt"), key=lambda name: files.changed_ns(name) or 0)
    for name in found[:-KEPT]:
        _ = files.remove(name)


def _chain(error: BaseException) -> Iterable[BaseException]:
    seen: BaseException | None = error
    for _ in range(_MOST_FRAMES):
        if seen is None:
            return
        yield seen
        seen = seen.__cause__ or seen.__context__


def _told(error: BaseException) -> Iterable[str]:
    yield f"{type(error).__module__}.{type(error).__qualname__}"
    for frame in traceback.extract_tb(error.__traceback__)[-_MOST_FRAMES:]:
        name = PurePosixPath(frame.filename)
        yield f"  {'/'.join(name.parts[-3:])}:{frame.lineno} {frame.name}"
