"""A JSON file that tells when it is torn, and has its last good copy beside it."""

from __future__ import annotations

import json

from agent.digest import digest
from agent.system.files import Files
from agent.typed import Any, NamedTuple

FORMAT = 1

Content = dict[str, Any]


class Loaded(NamedTuple):
    """`content` is blank where there is no good file; `problem` says what was found instead."""

    content: Content
    problem: str = ""


def read(files: Files, name: str) -> Loaded:
    """The file, or its last good copy with a sentence about the file."""
    text = files.read(name)
    last = _checked(files.read(_last(name)))
    if text is None and last is None:
        return Loaded({})
    content = _checked(text)
    if content is not None:
        return Loaded(content)
    what = "is missing" if text is None else "is damaged (its checksum does not match)"
    if last is not None:
        return Loaded(last, f"{name} {what}; its last good copy is used")
    return Loaded({}, f"{name} {what}, and there is no good copy of it")


def write(files: Files, name: str, content: Content) -> None:
    """Replace it, and then its copy: a power cut between the two leaves one good one of each."""
    whole = {"format": FORMAT, **content}
    text = json.dumps({**whole, "checksum": _checksum(whole)}, indent=1, sort_keys=True) + "\n"
    _ = files.write(name, text)
    _ = files.write(_last(name), text)


def mend(files: Files, name: str) -> bool:
    """Put the file right from its copy, or the copy from the file; what was damaged is kept."""
    text, copy = files.read(name), files.read(_last(name))
    if text == copy:
        return False
    if _checked(text) is not None:
        return files.write(_last(name), text or "")
    if copy is None or _checked(copy) is None:
        return False
    if text is not None:
        _ = files.write(damaged(name), text, mode=0o600)
    return files.write(name, copy)


def damaged(name: str) -> str:
    """Where a damaged file is kept: somebody may have edited it for a reason."""
    return f"{name}.damaged"


def last(files: Files, name: str) -> Content:
    """The last good copy; blank where there is none."""
    return _checked(files.read(_last(name))) or {}


def _last(name: str) -> str:
    return f"{name}.last"


def _checked(text: str | None) -> Content | None:
    try:
        content: Content = dict(json.loads(text or ""))
    except (ValueError, TypeError, RecursionError):
        return None
    is_good = content.pop("checksum", None) == _checksum(content)
    return content if is_good and content.pop("format", None) == FORMAT else None


def _checksum(content: Content) -> str:
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return f"blake2b:{digest(text.encode())}"
