"""How the answers fared: where they came from, and what was refused of them.

Told again at every boot, until it is set right.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType

from agent.errors import Fault
from agent.system.files import Files
from agent.typed import Any, NamedTuple

FILE = "/var/lib/bandstand/refused.json"

_NOTHING: Mapping[str, str] = MappingProxyType({})


class Refused(NamedTuple):
    """The faults, and per category what was taken instead; `source` of what was accepted."""

    faults: tuple[Fault, ...] = ()
    took: Mapping[str, str] = _NOTHING
    source: str = ""


def save(files: Files, refused: Refused) -> bool:
    """Keep it; no secret stands in a fault."""
    content = {
        "source": refused.source,
        "faults": [fault.as_json() for fault in refused.faults],
        "took": dict(refused.took),
    }
    return files.write(FILE, json.dumps(content, indent=1) + "\n")


def load(files: Files) -> Refused:
    """What was kept; nothing where there is nothing, or nothing readable."""
    try:
        content: dict[str, Any] = json.loads(files.read(FILE) or "{}")
        faults = tuple(
            Fault(row["setting"], row["message"], row["hint"], row["code"])
            for row in content.get("faults", [])
        )
        took = {str(key): str(value) for key, value in content.get("took", {}).items()}
        return Refused(faults, took, str(content.get("source", "")))
    except (ValueError, TypeError, KeyError, AttributeError):
        return Refused()
