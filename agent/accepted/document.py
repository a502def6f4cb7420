"""A JSON file that tells when it is torn, and keeps the last good one beside it."""

from __future__ import annotations

import hashlib
import json
from typing import Any, NamedTuple

from agent.system.files import Files

FORMAT = 1

Content = dict[str, Any]


class Loaded(NamedTuple):
    """`content` is blank where there is no good file; `problem` says what was found instead."""

    content: Content
    problem: str = ""


def read(files: Files, name: str) -> Loaded:
    """The file, or the last good one with a sentence about the file."""
    text = files.read(name)
    last = _checked(files.read(_last(name)))
    if text is None and last is None:
        return Loaded({})
    content = _checked(text)
    if content is not None:
        return Loaded(content)
    what = "is missing" if text is None else "is damaged (its checksum does not match)"
    if last is not None:
        return Loaded(last, f"{name} {what}; the version saved before it is used")
    return Loaded({}, f"{name} {what}, and there is no version saved before it")


def write(files: Files, name: str, content: Content) -> None:
    """Replace it; a good one that stood there becomes the last good one."""
    standing = files.read(name)
    if standing is not None and _checked(standing) is not None:
        _ = files.write(_last(name), standing)
    whole = {"format": FORMAT, **content}
    text = json.dumps({**whole, "checksum": _checksum(whole)}, indent=1, sort_keys=True)
    _ = files.write(name, text + "\n")


def last(files: Files, name: str) -> Content:
    """The last good one before the present one; blank where there is none."""
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
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"
