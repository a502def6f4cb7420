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
    """The faults, and per category what was taken instead; `source` of what was accepted; `asked`
    are the refused texts by key (agent.accepted.asked).
    """

    faults: tuple[Fault, ...] = ()
    took: Mapping[str, str] = _NOTHING
    source: str = ""
    asked: Mapping[str, str] = _NOTHING


def save(files: Files, refused: Refused) -> bool:
    """Keep it; no secret stands in a fault, nor among the texts."""
    content: dict[str, Any] = {
        "source": refused.source,
        "faults": [fault.as_json() for fault in refused.faults],
        "took": dict(refused.took),
    }
    if refused.asked:
        content["asked"] = dict(refused.asked)
    return files.write(FILE, json.dumps(content, indent=1) + "\n")


def load(files: Files) -> Refused:
    """What was kept; nothing where there is nothing, or nothing readable."""
    try:
        content: dict[str, Any] = json.loads(files.read(FILE) or "{}")
        faults = tuple(
            Fault(row["setting"], row["message"], row["hint"], row["code"])
            for row in content.get("faults", [])
        )
        took, asked = _texts(content.get("took", {})), _texts(content.get("asked", {}))
        return Refused(faults, took, str(content.get("source", "")), asked)
    except (ValueError, TypeError, KeyError, AttributeError):
        return Refused()


def _texts(found: Mapping[str, Any]) -> dict[str, str]:
    return {str(key): str(value) for key, value in found.items()}
