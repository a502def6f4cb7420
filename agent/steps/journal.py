"""The record of steps done, on disk through every power cut."""

from __future__ import annotations

import json

from agent.steps.step import StepState
from agent.system.files import Files
from agent.typed import Any, NamedTuple, Self


class Entry(NamedTuple):
    """One step of the last run; `started` is RFC 3339, `seconds` how long it took."""

    name: str
    state: StepState
    key: str = ""
    started: str = ""
    seconds: float = 0.0

    def as_json(self) -> dict[str, object]:
        return {key: value for key, value in self._asdict().items() if key != "key"}


class Journal:
    """The entries of one process's runs, by step name, written with fsync at each change."""

    def __init__(self, files: Files, name: str) -> None:
        self.files, self.name = files, name
        self.entries: dict[str, Entry] = {}

    @classmethod
    def load(cls, files: Files, name: str) -> Self:
        """Read it; a torn or foreign file counts as empty, since every step can run again."""
        journal = cls(files, name)
        try:
            loaded: Any = json.loads(files.read(name) or "{}")
            for row in loaded.get("steps", []):
                entry = _entry(row)
                journal.entries[entry.name] = entry
        except (ValueError, TypeError, KeyError, AttributeError):
            journal.entries.clear()
        return journal

    def put(self, entry: Entry) -> None:
        self.entries[entry.name] = entry
        rows = [row._asdict() for row in self.entries.values()]
        _ = self.files.write(self.name, json.dumps({"steps": rows}) + "\n", mode=0o600)

    def is_done(self, name: str, key: str) -> bool:
        entry = self.entries.get(name)
        return entry is not None and entry.state is StepState.DONE and entry.key == key


def _entry(row: dict[str, Any]) -> Entry:
    return Entry(
        str(row["name"]),
        StepState(row["state"]),
        str(row["key"]),
        str(row["started"]),
        float(row["seconds"]),
    )
