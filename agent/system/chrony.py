"""The only door to chrony: whom the clock follows, by what `chronyc -c tracking` says."""

from __future__ import annotations

from agent.errors import CommandFailed
from agent.system.run import Run
from agent.typed import NamedTuple

# Reference, name, stratum, reference time, offset … leap status.
_FIELDS, _NAME, _OFFSET, _LEAP = 14, 1, 4, 13
_UNSYNCHRONISED = "Not synchronised"
_PATIENCE_S = 5.0


class Tracking(NamedTuple):
    """`source` by its name or address, blank where there is none; `offset_s` as it stands there."""

    source: str = ""
    offset_s: str = ""
    is_synchronised: bool = False


def ask(run: Run) -> str:
    """Its line; blank where chrony does not answer. Anybody on this machine may ask."""
    try:
        said = run("chronyc", "-c", "tracking", check=False, timeout_s=_PATIENCE_S)
    except CommandFailed:
        return ""
    return said.stdout if said.ok else ""


def parse(line: str) -> Tracking | None:
    """None for what is no such line."""
    row = line.strip().split(",")
    if len(row) < _FIELDS:
        return None
    return Tracking(row[_NAME], row[_OFFSET], row[_LEAP] != _UNSYNCHRONISED)
