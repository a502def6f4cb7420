"""What was refused of the answers: told again at every boot until it is set right."""

from __future__ import annotations

import json
from typing import Any

from agent.errors import Fault
from agent.system.files import Files

FILE = "/var/lib/bandstand/refused.json"


def save(files: Files, faults: tuple[Fault, ...], took: dict[str, str]) -> bool:
    """Keep the faults, and per category what was taken instead; no secret stands in a fault."""
    content = {"faults": [fault.as_json() for fault in faults], "took": took}
    return files.write(FILE, json.dumps(content, indent=1) + "\n")


def load(files: Files) -> tuple[tuple[Fault, ...], dict[str, str]]:
    """What was kept; nothing where there is nothing, or nothing readable."""
    try:
        content: dict[str, Any] = json.loads(files.read(FILE) or "{}")
        faults = tuple(
            Fault(row["setting"], row["message"], row["hint"], row["code"])
            for row in content.get("faults", [])
        )
        return faults, {str(key): str(value) for key, value in content.get("took", {}).items()}
    except (ValueError, TypeError, KeyError, AttributeError):
        return (), {}
