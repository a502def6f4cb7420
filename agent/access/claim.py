"""Whether somebody has taken this node, and how.

Only an init, a join, or seeds with their key claim a node, and later the portal's wizard; a static
address, or a name, does not.
"""

from __future__ import annotations

from collections.abc import Collection

from agent.access.places import LASTING
from agent.system.files import Files

# Left by the portal's wizard: in a word, by whom.
MARK = f"{LASTING}/claimed"
UNREADABLE = "unreadable"


def by(*, is_in_cluster: bool, acts: Collection[str], mark: str | None) -> str:
    """What claims it: `cluster`, `properties`, or what the mark says; blank where nothing does.

    `acts` are those about a cluster that wait to be done.
    """
    if is_in_cluster:
        return "cluster"
    if acts:
        return "properties"
    return "" if mark is None else mark.strip() or UNREADABLE


def mark(files: Files) -> str | None:
    return files.read(MARK)
