"""Whether other settings of the network are tried right now, which are not accepted yet."""

from __future__ import annotations

from agent.status import fragment
from agent.system.files import Files
from agent.values.json_object import object_of

_TRIED = ("applying", "waiting")


def is_tried(files: Files) -> bool:
    return object_of(fragment.get(files, "trial").get("trial")).get("state") in _TRIED
