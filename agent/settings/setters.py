"""Who may set a setting and when, in words."""

from __future__ import annotations

from agent.errors import Fault
from agent.settings.declare import EVERY_FACE, Face, Row

_NAMES = {
    Face.PROPERTY: "properties",
    Face.CONSOLE: "the console",
    Face.COMMAND: "the command line",
    Face.PORTAL: "the portal",
}


def words(row: Row) -> str:
    """Of a node by itself, and where it differs of a member of a cluster."""
    alone, member = row.set_by
    if alone == member:
        return _faces(alone)
    return f"{_faces(alone)}; on a member of a cluster {_faces(member)}"


def fault(row: Row, face: Face, *, is_member: bool) -> Fault:
    """Of what was given where it is not taken."""
    where = " on a member of a cluster" if is_member else ""
    faces = row.set_by.member if is_member else row.set_by.alone
    accepted = f"it is set by {_faces(faces)}" if faces else "it is for a node by itself"
    message = f"is not taken from {_NAMES[face]}{where}; {accepted}"
    return Fault(row.key, message, code="not-here")


def _faces(faces: frozenset[Face]) -> str:
    """In the order in which a node meets them."""
    if faces == EVERY_FACE:
        return "all"
    named = [_NAMES[face] for face in Face if face in faces]
    missing = [_NAMES[face] for face in Face if face not in faces]
    if len(missing) == 1:
        return f"all but {missing[0]}"
    return " and ".join(", ".join(named).rsplit(", ", 1)) or "nobody"
