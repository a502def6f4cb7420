"""The last verified versions of the shared configuration, sealed on this node's disk."""

from __future__ import annotations

import base64
import json

from agent.cluster.seal import Keyring, Tampered
from agent.cluster.shared import Shared, from_row
from agent.cluster.store.configuration import ConfigurationRow
from agent.system.files import Files
from agent.values.json_object import parse

FOLDER = "/var/lib/bandstand/snapshots"
_KEPT = 3


def save(files: Files, row: ConfigurationRow) -> None:
    """Keep a row as it stands in the database: sealed, with its MAC; older ones go."""
    stored = {
        "version": row.version,
        "document": base64.b64encode(row.document).decode(),
        "digest": row.digest,
        "made_by": row.made_by,
        "reason": row.reason,
        "mac": row.mac.hex(),
    }
    files.make_folder(FOLDER, mode=0o700)
    _ = files.write(_name(row.version), json.dumps(stored) + "\n", mode=0o600)
    for old in files.names(FOLDER, "*.json")[:-_KEPT]:
        _ = files.remove(old)


def newest(files: Files, keyring: Keyring) -> Shared | None:
    """The newest that still verifies."""
    for name in reversed(files.names(FOLDER, "*.json")):
        try:
            return from_row(keyring, _row(files.read(name) or ""))
        except (ValueError, KeyError, TypeError, Tampered):
            continue
    return None


def _row(text: str) -> ConfigurationRow:
    stored = parse(text)
    return ConfigurationRow(
        version=int(stored["version"]),
        document=base64.b64decode(str(stored["document"])),
        digest=str(stored["digest"]),
        made_by=str(stored["made_by"]),
        reason=str(stored["reason"]),
        mac=bytes.fromhex(str(stored["mac"])),
    )


def _name(version: int) -> str:
    return f"{FOLDER}/{version:09d}.json"
