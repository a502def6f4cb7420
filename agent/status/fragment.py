"""What one process knows of the node, as a file of its own.

It is what status.json holds, and `over`: faults of others, by code and setting, that it sees ended.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from agent.system.files import Files
from agent.typed import Any
from agent.values.json_object import parse

FOLDER = "/run/bandstand/status.d"
PROCESSES = ("firstboot", "watch", "outward", "cluster", "trial", "change", "access")


def put(files: Files, process: str, content: Mapping[str, Any]) -> bool:
    """Replace the fragment of `process`; False when it already said that."""
    return files.write(_name(process), json.dumps(content, sort_keys=True) + "\n")


def get(files: Files, process: str) -> dict[str, Any]:
    """The fragment of `process`; one that is missing, torn or foreign counts as empty."""
    try:
        return parse(files.read(_name(process)) or "{}")
    except (ValueError, OSError):
        return {}


def _name(process: str) -> str:
    return f"{FOLDER}/{process}.json"
