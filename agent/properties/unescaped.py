"""An OVF environment whose values were written into the XML as they are, as govc does.

`key="…" oe:value="a&b<"c"/>` is no XML, but it means one thing only as long as each value ends
where the next property begins. What could mean two things is a fault of that one key.
"""

from __future__ import annotations

import re

from agent.errors import Fault
from agent.properties.answers import Raw

_BEGIN, _END = "<PropertySection>", "</PropertySection>"
_HEAD = '<Property oe:key="'
_MIDDLE = '" oe:value="'
_TAIL = '"/>'
_KEY = re.compile(r"[A-Za-z0-9_.-]{1,255}")
# Written by one that does escape, or meant as it stands: nothing tells.
_ENTITY = re.compile(r"&(?:amp|lt|gt|quot|apos|#\d+|#x[0-9A-Fa-f]+);")
_NOT_TEXT = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ufffd]")
_TWO = "stands unescaped in a document that is no XML, and can mean two things"
_HINT = "Write it without &, <, > and quotes, deploy by another client, or use the console."
_NOTICE = (
    "the OVF environment is no XML, since its values were not escaped (govc does so); "
    "it was read as it was meant"
)


def read(document: str) -> Raw | None:
    """What was meant; None where the document has not that one shape from end to end."""
    before, begin, rest = document.partition(_BEGIN)
    section, end, after = rest.rpartition(_END)
    is_head = before.startswith(("<?xml", "<Environment")) and "<!" not in before
    if not (begin and end and is_head and "<Environment" in before):
        return None
    if after.strip(" \t\r\n\0") != "</Environment>":
        return None
    pairs = _pairs(section)
    return None if pairs is None else _told(pairs)


def _pairs(section: str) -> list[tuple[str, str]] | None:
    """Each property as it stands, in order: its end is the last one before the next begins."""
    blank, *entries = section.split(_HEAD)
    pairs: list[tuple[str, str]] = []
    for entry in entries:
        key, middle, value = entry.rstrip().partition(_MIDDLE)
        if not (middle and value.endswith(_TAIL) and _KEY.fullmatch(key)):
            return None
        pairs.append((key, value.removesuffix(_TAIL)))
    return None if blank.strip() or not pairs else pairs


def _told(pairs: list[tuple[str, str]]) -> Raw:
    texts: dict[str, str] = {}
    doubtful: dict[str, None] = {}
    for key, value in pairs:
        if key in texts or _is_doubtful(value):
            doubtful[key] = None
        texts[key] = value
    faults = tuple(Fault(key, f"the value given {_TWO}", _HINT, "environment") for key in doubtful)
    sure = {key: text for key, text in texts.items() if key not in doubtful}
    return Raw(sure, faults, (_NOTICE,))


def _is_doubtful(value: str) -> bool:
    """An end inside may be the end, with something of another's after it."""
    return bool(_TAIL in value or _ENTITY.search(value) or _NOT_TEXT.search(value))
