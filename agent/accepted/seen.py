"""The last environment that was taken in: of each key a keyed hash, never a value.

A property is changed where its hash differs from this, whatever is accepted by now: so a change
made at the console stays when vCenter hands the original environment over again. A blank property
says nothing, since people blank secrets once they were used.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from agent.digest import digest
from agent.settings.gather import Given
from agent.system.files import Files
from agent.typed import Any, NamedTuple

FILE = "/var/lib/bandstand/environment.json"

_KEY_BYTES = 32
_NOTHING: Mapping[str, str] = MappingProxyType({})


class Seen(NamedTuple):
    """`key` is this node's own, so that nobody can try out passwords on the hashes. `is_lost` where
    the record cannot be read: then nothing tells what is changed.
    """

    key: bytes = b""
    marks: Mapping[str, str] = _NOTHING
    document: str = ""
    is_lost: bool = False

    def is_same(self, document: bytes) -> bool:
        """Whether it is the very document in which nothing was left to be taken in."""
        return bool(self.document) and self.document == digest(document, self.key)

    def has_changed(self, given: Given) -> bool:
        """Of a property that was never there, its default says nothing new."""
        mark = self.marks.get(given.row.key)
        if mark is None:
            return not given.row.repeats_default(given.text)
        return mark != _mark(self.key, given)


def load(files: Files) -> Seen:
    text = files.read(FILE)
    if text is None:
        return Seen()
    try:
        content: dict[str, Any] = json.loads(text)
        key = bytes.fromhex(content["key"])
        marks = {str(name): str(mark) for name, mark in content["marks"].items()}
    except (ValueError, TypeError, KeyError, AttributeError):
        return Seen(is_lost=True)
    return (
        Seen(key, marks, str(content.get("document", "")))
        if len(key) == _KEY_BYTES
        else Seen(is_lost=True)
    )


def keep(files: Files, given: Iterable[Given], document: bytes = b"") -> bool:
    """These were taken in; what was seen of others stays. False where nothing is new.

    With the `document` itself where nothing is left in it.
    """
    taken = tuple(given)
    seen = load(files)
    if not taken and (not document or seen.is_same(document)):
        return False
    key = seen.key or os.urandom(_KEY_BYTES)
    marks = {**seen.marks, **{one.row.key: _mark(key, one) for one in taken}}
    whole = digest(document, key) if document else ""
    content = {"key": key.hex(), "marks": marks, "document": whole}
    return files.write(FILE, json.dumps(content, sort_keys=True) + "\n", mode=0o600)


def _mark(key: bytes, given: Given) -> str:
    return digest(f"{given.row.key}\0{_plain(given)}".encode(), key)


def _plain(given: Given) -> str:
    """What stays the same where a transport turns the ends of lines into blanks."""
    row = given.row
    return given.text if row.is_secret and not row.kind.multiline else " ".join(given.text.split())
