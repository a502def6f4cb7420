"""The one-time code of a node that nobody claimed: who stands at its console reads it there.

made (first boot, or when asked for) -> renewed (on request, after wrong tries) -> void (claimed)

First boot loads this, so it stands on little: no `secrets`, which brings hashlib and random.
"""

from __future__ import annotations

import json
import os

from agent.access.places import LASTING, alone, write
from agent.system.clock import Clock, stamp
from agent.system.files import Files
from agent.typed import NamedTuple
from agent.values.json_object import parse, text_of

FILE = f"{LASTING}/code.json"
# Without 0 and O, 1 and I. Of 32 signs each takes five bits of a byte, none more often than others.
ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"

_LENGTH, _HALF = 8, 4


class Code(NamedTuple):
    """`text` is eight signs in two groups, `since` RFC 3339, `wrong` counts tries that failed."""

    text: str
    since: str
    wrong: int = 0


def keep(files: Files, clock: Clock) -> Code:
    """The one that holds, made where there is none. For a node that is not claimed."""
    with alone(files, clock):
        return load(files) or renewed(files, clock)


def renew(files: Files, clock: Clock) -> Code:
    with alone(files, clock):
        return renewed(files, clock)


def renewed(files: Files, clock: Clock) -> Code:
    """For who holds the lock."""
    signs = "".join(ALPHABET[byte % len(ALPHABET)] for byte in os.urandom(_LENGTH))
    code = Code(f"{signs[:_HALF]}-{signs[_HALF:]}", stamp(clock.now()))
    save(files, code)
    return code


def save(files: Files, code: Code) -> None:
    write(files, FILE, json.dumps(code._asdict()) + "\n")


def load(files: Files) -> Code | None:
    """None where there is none, or none that can be understood."""
    try:
        found = parse(files.read(FILE) or "{}")
        code = Code(text_of(found["text"]), text_of(found["since"]), int(found["wrong"]))
    except (ValueError, TypeError, KeyError):
        return None
    return code if len(plain(code.text)) == _LENGTH else None


def plain(typed: str) -> str:
    """As it was typed, without what says nothing: case, the hyphen, spaces."""
    return "".join(sign for sign in typed.upper() if sign in ALPHABET)


def void(files: Files) -> bool:
    """The node is claimed: it opens nothing any more, also not after that ends."""
    return files.remove(FILE)
