"""Acts that wait to be done once: a join string given as a property."""

from __future__ import annotations

from agent.settings.secret import Secret
from agent.system.files import Files

FOLDER = "/var/lib/bandstand/acts"


def put_act(files: Files, key: str, value: Secret) -> bool:
    """Leave an act for the agent; False when this very one was done or refused before."""
    raise NotImplementedError


def pending(files: Files) -> dict[str, Secret]:
    """The acts not done yet, by key, such as `cluster.join`."""
    raise NotImplementedError


def consume(files: Files, key: str) -> None:
    """The act is done, or finally refused: it goes, and a keyed hash of it stays."""
    raise NotImplementedError
